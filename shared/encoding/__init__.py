"""From events to Avro bytes: judge, encode, compress."""

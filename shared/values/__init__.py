"""Avro types, and whether a value is what its type says."""

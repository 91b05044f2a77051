"""What is committed of each partition, and what is missing. Pure."""

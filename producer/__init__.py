"""The producer: sends synthesized events, or a file's, into a hub and accounts for each of them."""

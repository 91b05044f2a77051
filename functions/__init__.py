"""The triggers: each module parses, makes one call into shared/, and binds the answer."""

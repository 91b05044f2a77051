"""The whole way on a local stack, measured: from a hub that holds events to committed files."""

"""Measures the whole way on a local stack: from a hub full of events to committed files."""

"""The quarantine: list it, show one of its events, and redrive what passes now."""

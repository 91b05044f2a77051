"""The quarantine: list it, show one event of it, and redrive what passes by now."""

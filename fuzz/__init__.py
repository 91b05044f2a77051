"""Runs the two cores side by side: for any contract and events, both must return the same."""

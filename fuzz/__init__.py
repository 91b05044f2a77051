"""The two cores side by side: whatever contract and events, they give the same."""

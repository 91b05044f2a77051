"""The hub as the service sees it: events, partitions, and what the hub says about itself."""

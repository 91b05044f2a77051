"""An app with two functions over a lake and a ledger in memory, and what calls it."""

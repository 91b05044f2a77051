"""The audit: proves from the lake's own files that the ledger is right."""

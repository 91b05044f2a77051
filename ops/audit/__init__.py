"""The audit: proof, from the lake's own files, that what the ledger says is so."""

"""An app with two functions over an in-memory lake and ledger, and the code that calls it."""

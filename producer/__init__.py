"""The producer: sends synthesized events, or a file's, into a hub and accounts for each of them.

A file whose columns are its contract's fields needs nothing but the contract. Where its columns
have other names, `contracts/<name>/mapping.json` says which is which: `columns` from the file's
name to the contract's field (`{"field": ..., "as": "nasa_time"}` where text has a form of its own),
`ignored` columns, and the `key` field by whose value an event's partition is chosen. JSON Lines
and JSON arrays in the contract's own form are sent as they are written.
"""

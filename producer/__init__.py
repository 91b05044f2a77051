"""The producer: sends synthesized events, or a file's, into a hub and accounts for each of them.

A file whose columns are its contract's fields needs nothing but the contract. Where its columns
have other names, `contracts/<name>/mapping.json` says which is which: `columns` maps a column of
the file to a field of the contract (with `time_format`, such as `%Y-%b-%d %H:%M`, where the file
writes times in a form of its own), `ignored` names columns to leave out, and `key` is the field
whose value chooses an event's partition. JSON Lines and JSON arrays in the contract's own form are
sent as they are written.
"""

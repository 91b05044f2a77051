"""The producer: sends synthesized events, or a file's rows, to a hub and accounts for each.

A file whose columns are its contract's fields needs only the contract. If its columns have other
names, `contracts/<name>/mapping.json` maps them: `columns` maps a column of the file to a field of
the contract (with `time_format`, such as `%Y-%b-%d %H:%M`, where the file
writes times in a form of its own), `ignored` names columns to leave out, and `key` is the field
whose value chooses an event's partition. JSON Lines and JSON arrays in the contract's own form are
sent as they are written.
"""

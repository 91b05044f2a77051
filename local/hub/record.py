"""One event on disk: length, checksum, sequence number, enqueued time, and the message.

The message is stored in the form in which it is delivered. If a crash cut a record short, its
length or checksum is wrong, and all records before it are whole.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_HEAD = struct.Struct(">II")
_STAMP = struct.Struct(">qq")

HEAD_BYTES = _HEAD.size + _STAMP.size


@dataclass(frozen=True, slots=True)
class RecordEntry:
    """A record's index entry: its start and end, and its stamps."""

    start: int
    end: int
    sequence_number: int
    enqueued_ms: int


def encode_record(sequence_number: int, enqueued_ms: int, message: bytes) -> bytes:
    """Return a record's bytes."""
    stamp = _STAMP.pack(sequence_number, enqueued_ms)
    checksum = zlib.crc32(message, zlib.crc32(stamp))
    return b"".join((_HEAD.pack(len(message), checksum), stamp, message))


def scan_records(data: bytes, start: int) -> Iterator[RecordEntry]:
    """Iterate over the whole records in a file's bytes; stop at the first torn one."""
    view = memoryview(data)
    at = start
    while at + HEAD_BYTES <= len(data):
        length, checksum = _HEAD.unpack_from(data, at)
        end = at + HEAD_BYTES + length
        if end > len(data) or zlib.crc32(view[at + _HEAD.size : end]) != checksum:
            return
        sequence_number, enqueued_ms = _STAMP.unpack_from(data, at + _HEAD.size)
        yield RecordEntry(at, end, sequence_number, enqueued_ms)
        at = end

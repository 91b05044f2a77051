"""Walk a block's records for their sequence numbers alone: code made for one schema.

More than twice as fast as fastavro with a schema of `_landfall` alone, and as exact: it steps over
every byte as the schema says, each record must end in the expected origin, and the last one with
the block. Anything else raises, and then fastavro reads the file again.
"""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from io import BytesIO
from typing import Any

from fastavro import parse_schema, schemaless_writer

from shared.contracts.origin import ORIGIN

# From a block's bytes, its number of records, and what stands before each number.
Walk = Callable[[bytes, int, bytes], list[int]]
FIXED_BYTES = {"null": 0, "boolean": 1, "float": 4, "double": 8}
ORIGIN_NAMES = ["hub", "generation", "partition_id", "sequence_number", "enqueued_at"]
PREFIX_SCHEMA = parse_schema(
    {
        "type": "record",
        "name": "Prefix",
        "fields": [
            {"name": "hub", "type": "string"},
            {"name": "generation", "type": "int"},
            {"name": "partition_id", "type": "string"},
        ],
    }
)
HEAD = """
def walk(raw, records, prefix):
    at, end, numbers = 0, len(raw), []
    for _ in range(records):
"""
TAIL = """
        if not raw.startswith(prefix, at):
            raise ValueError("a record of another origin")
        number, at = read_long(raw, at + len(prefix))
        numbers.append((number >> 1) ^ -(number & 1))
        enqueued_at, at = read_long(raw, at)
    if at != end:
        raise ValueError("the block ends elsewhere than its records")
    return numbers
"""


def origin_prefix(hub: str, generation: int, partition_id: str) -> bytes:
    """The bytes of an origin up to the sequence number."""
    out = BytesIO()
    origin = {"hub": hub, "generation": generation, "partition_id": partition_id}
    schemaless_writer(out, PREFIX_SCHEMA, origin)
    return out.getvalue()


@lru_cache(maxsize=256)
def make_walk(schema: str) -> Walk:
    """Make the code for a file's schema; raises ValueError if it does not end in `_landfall`."""
    parsed: Any = parse_schema(json.loads(schema))
    *fields, origin = parsed["fields"]
    if origin["name"] != ORIGIN or [f["name"] for f in origin["type"]["fields"]] != ORIGIN_NAMES:
        message = "the records do not end in where they come from"
        raise ValueError(message)
    code = _Code()
    for field in fields:
        code.skip(field["type"], 2)
    names: dict[str, Any] = {"read_long": _read_long}
    # Only the schema's shape and sizes get into the code, none of its names.
    exec("\n".join([HEAD, *code.lines, TAIL]), names)
    made: Walk = names["walk"]
    return made


def _read_long(raw: bytes, at: int) -> tuple[int, int]:
    """Read a number as it is stored, still in zigzag form."""
    value = shift = 0
    while True:
        byte = raw[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


class _Code:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self._named: dict[str, Any] = {}

    def skip(self, schema: Any, depth: int) -> None:
        """Add the lines that step over one value."""
        if isinstance(schema, list):
            self._skip_union(schema, depth)
        elif isinstance(schema, dict):
            self._skip_declared(schema, depth)
        elif schema in self._named:
            self.skip(self._named[schema], depth)
        elif schema in FIXED_BYTES:
            self._add(depth, f"at += {FIXED_BYTES[schema]}")
        elif schema in ("int", "long"):
            self._add(depth, "while raw[at] > 127: at += 1", "at += 1")
        elif schema in ("string", "bytes"):
            self._add(
                depth,
                "size = raw[at]",
                "if size < 128: at += 1 + (size >> 1)",
                "else: size, at = read_long(raw, at); at += size >> 1",
            )
        else:
            message = f"{schema} is no type that is known here"
            raise ValueError(message)

    def _skip_declared(self, schema: Mapping[str, Any], depth: int) -> None:
        kind = schema["type"]
        if kind in ("record", "enum", "fixed"):
            self._named[schema["name"]] = schema
        if kind == "record":
            for field in schema["fields"]:
                self.skip(field["type"], depth)
        elif kind == "enum":
            self.skip("int", depth)
        elif kind == "fixed":
            self._add(depth, f"at += {int(schema['size'])}")
        elif kind in ("array", "map"):
            self._skip_items(schema, depth)
        else:
            self.skip(kind, depth)

    def _skip_union(self, branches: list[Any], depth: int) -> None:
        branch = f"branch_{depth}"
        self._add(depth, f"{branch} = raw[at] >> 1", "at += 1")
        for number, schema in enumerate(branches):
            self._add(depth, f"{'elif' if number else 'if'} {branch} == {number}:")
            self.skip(schema, depth + 1)
        self._add(depth, "else: raise ValueError('no branch of its union')")

    def _skip_items(self, schema: Mapping[str, Any], depth: int) -> None:
        """Step over blocks of items up to an empty one; a byte size follows a negative count."""
        count = f"count_{depth}"
        self._add(
            depth,
            "while True:",
            f"    {count}, at = read_long(raw, at)",
            f"    if not {count}: break",
            f"    if {count} & 1: size, at = read_long(raw, at); at += size >> 1; continue",
            f"    for _ in range({count} >> 1):",
            "        if at >= end: raise EOFError('items beyond the block')",
        )
        if schema["type"] == "map":
            self.skip("string", depth + 2)
        self.skip(schema["items" if schema["type"] == "array" else "values"], depth + 2)

    def _add(self, depth: int, *lines: str) -> None:
        self.lines += ["    " * depth + line for line in lines]

"""JSON documents in table entities, cut to what a property can hold."""

import json
from collections.abc import Mapping
from typing import Any

PROPERTY_CHARACTERS = 30_000  # a string property holds 64 KiB of UTF-16


def entity(partition_key: str, row_key: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Put a document into as many properties as it needs."""
    text = json.dumps(document, separators=(",", ":"))
    starts = range(0, len(text), PROPERTY_CHARACTERS)
    parts = {f"json{n:02d}": text[i : i + PROPERTY_CHARACTERS] for n, i in enumerate(starts)}
    return {"PartitionKey": partition_key, "RowKey": row_key, **parts}


def parse_document(row: Mapping[str, Any]) -> dict[str, Any]:
    """Join a document's properties again."""
    names = sorted(name for name in row if name.startswith("json"))
    document: dict[str, Any] = json.loads("".join(row[name] for name in names))
    return document

"""JSON documents in table entities, cut to what a property can hold.

The format's version is a property of its own. Rows of the first format may lack it.
"""

import json
from collections.abc import Mapping
from typing import Any

from shared.errors import require_format

PROPERTY_CHARACTERS = 30_000  # a string property holds 64 KiB of UTF-16
FORMAT = "format"


def entity(
    partition_key: str, row_key: str, document: Mapping[str, Any], version: int
) -> dict[str, Any]:
    """Put a document into as many properties as it needs."""
    text = json.dumps(document, separators=(",", ":"))
    starts = range(0, len(text), PROPERTY_CHARACTERS)
    parts = {f"json{n:02d}": text[i : i + PROPERTY_CHARACTERS] for n, i in enumerate(starts)}
    return {"PartitionKey": partition_key, "RowKey": row_key, FORMAT: version, **parts}


def parse_document(row: Mapping[str, Any], newest: int) -> dict[str, Any]:
    """Join a document's properties again; raises UnreadableFormatError for a newer format.

    A field that the reader does not know stays in the document, and does no harm.
    """
    require_format(row.get(FORMAT, 1), newest, row=f"{row['PartitionKey']} {row['RowKey']}")
    names = sorted(name for name in row if name.startswith("json"))
    document: dict[str, Any] = json.loads("".join(row[name] for name in names))
    return document

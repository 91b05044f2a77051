"""Blobs in the host's format for the worker, and the host's receipts and poison messages."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from azure.functions.meta import Datum

from local.host.worker import TriggerPayload


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBlob:
    """A blob that a scan found."""

    container: str
    name: str
    etag: str
    blob_type: str
    length: int
    content_type: str | None
    created_at: datetime | None
    modified_at: datetime | None
    metadata: Mapping[str, str]
    values: Mapping[str, str]


def receipt_name(blob: FoundBlob, *, host_id: str, function_id: str) -> str:
    """Name the receipt that records that a function has processed this version of a blob."""
    return f"blobreceipts/{host_id}/{function_id}/{_quoted(blob.etag)}/{blob.container}/{blob.name}"


def encode_blob(blob: FoundBlob, content: bytes, *, uri: str) -> TriggerPayload:
    """Write a blob with its metadata; the content is always bytes, whatever the binding asks."""
    properties = {
        "LastModified": blob.modified_at.isoformat() if blob.modified_at else None,
        "CreatedOn": blob.created_at.isoformat() if blob.created_at else None,
        "BlobType": 0 if blob.blob_type == "BlockBlob" else 1,
        "ContentLength": blob.length,
        "ContentType": blob.content_type,
        "ETag": _quoted(blob.etag),
        "Metadata": dict(blob.metadata),
    }
    metadata = {
        "BlobTrigger": Datum(f"{blob.container}/{blob.name}", "string"),
        "Uri": Datum(json.dumps(uri), "json"),
        "Properties": Datum(json.dumps(properties), "json"),
        "Metadata": Datum(json.dumps(dict(blob.metadata)), "json"),
        **{name: Datum(value, "string") for name, value in blob.values.items()},
    }
    return TriggerPayload(data=Datum(content, "bytes"), metadata=metadata)


def poison_message(blob: FoundBlob, *, function_id: str) -> str:
    """Write the queue message about a blob that failed every try."""
    document = {
        "Type": "BlobTrigger",
        "FunctionId": function_id,
        "BlobType": blob.blob_type,
        "ContainerName": blob.container,
        "BlobName": blob.name,
        "ETag": _quoted(blob.etag),
    }
    # The host's queues use base64 unless host.json says otherwise.
    return base64.b64encode(json.dumps(document).encode()).decode("ascii")


def _quoted(etag: str) -> str:
    return etag if etag.startswith('"') else f'"{etag}"'

"""Avro object container files: the same events make the same bytes."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Literal

from fastavro import parse_schema, writer
from fastavro.write import Writer

from shared.avro_schema import Json
from shared.contracts import Contract
from shared.judgement import RejectedEvent
from shared.origin import ORIGIN, ORIGIN_FIELD, Origin, origin_record
from shared.record_encoding import BLOCK_BYTES, Block
from shared.rejection import encodable

CodecName = Literal["null", "deflate", "snappy", "zstandard"]
QUARANTINE_DOCUMENT: dict[str, Json] = {
    "type": "record",
    "name": "landfall.Quarantined",
    "doc": "An event that broke its contract, its bytes untouched.",
    "fields": [
        {"name": "reason", "type": "string"},
        {"name": "path", "type": "string"},
        {"name": "detail", "type": "string"},
        {"name": "contract", "type": "string"},
        {"name": "content_type", "type": ["null", "string"]},
        {"name": "partition_key", "type": ["null", "string"]},
        {"name": "properties", "type": {"type": "map", "values": "string"}},
        {"name": "body", "type": "bytes"},
        ORIGIN_FIELD,
    ],
}
QUARANTINE_SCHEMA = parse_schema(QUARANTINE_DOCUMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """How blocks are compressed; `level` None is the codec's own default."""

    name: CodecName = "deflate"
    level: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _WriterBlock:
    """A block in the form that fastavro takes."""

    num_records: int
    bytes_: BytesIO


def encode_bronze(
    blocks: Sequence[Block], contract: Contract, origin: Origin, codec: Codec
) -> bytes:
    """Frame the records of one contract into one container file."""
    file = BytesIO()
    what = str(contract.id)
    container = Writer(
        file,
        contract.landed_schema,
        codec=codec.name,
        compression_level=codec.level,
        sync_marker=_sync_marker(origin, what),
        metadata=_metadata(origin, what),
    )
    for block in blocks:
        container.write_block(_WriterBlock(num_records=block.count, bytes_=BytesIO(block.data)))
    container.flush()
    return file.getvalue()


def encode_quarantine(rejected: Sequence[RejectedEvent], origin: Origin, codec: Codec) -> bytes:
    """Encode the rejected events into one container file."""
    records = [quarantine_record(item, origin) for item in rejected]
    return _encode(QUARANTINE_SCHEMA, records, origin, "quarantine", codec)


def quarantine_record(item: RejectedEvent, origin: Origin) -> dict[str, Any]:
    """The event as it is kept aside, in QUARANTINE_SCHEMA."""
    return {
        "reason": item.rejection.reason.value,
        "path": item.rejection.path,
        "detail": item.rejection.detail,
        "contract": encodable(item.asked_for),
        "content_type": encodable(item.event.content_type or "") or None,
        "partition_key": encodable(item.event.partition_key or "") or None,
        "properties": {
            encodable(name): encodable(value) for name, value in item.event.properties.items()
        },
        "body": item.event.body,
        ORIGIN: origin_record(item.event, origin),
    }


def _encode(
    schema: Any, records: Sequence[Mapping[str, Any]], origin: Origin, what: str, codec: Codec
) -> bytes:
    file = BytesIO()
    writer(
        file,
        schema,
        records,
        codec=codec.name,
        codec_compression_level=codec.level,
        sync_interval=BLOCK_BYTES,
        sync_marker=_sync_marker(origin, what),
        metadata=_metadata(origin, what),
    )
    return file.getvalue()


def _sync_marker(origin: Origin, what: str) -> bytes:
    seed = f"{origin.batch_id}/g{origin.generation}/{what}"
    return hashlib.sha256(seed.encode()).digest()[:16]


def _metadata(origin: Origin, what: str) -> dict[str, str]:
    return {"landfall.batch_id": origin.batch_id, "landfall.contract": what}

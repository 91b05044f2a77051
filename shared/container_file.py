"""Avro object container files: the same events make the same bytes."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Literal

from fastavro import parse_schema, writer

from shared.avro_schema import Json
from shared.contracts import ORIGIN, ORIGIN_FIELD, Contract
from shared.judgement import AcceptedEvent, RejectedEvent
from shared.rejection import encodable

CodecName = Literal["null", "deflate", "snappy", "zstandard"]
BLOCK_BYTES = 128 * 1024
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
class Origin:
    """Where a file's events come from; the batch id is also the seed of the sync marker."""

    hub: str
    partition_id: str
    generation: int
    batch_id: str


def encode_bronze(
    accepted: Sequence[AcceptedEvent], contract: Contract, origin: Origin, codec: Codec
) -> bytes:
    """Encode the accepted events of one contract into one container file."""
    records = [landed_record(item, origin) for item in accepted]
    return _encode(contract.landed_schema, records, origin, str(contract.id), codec)


def encode_quarantine(rejected: Sequence[RejectedEvent], origin: Origin, codec: Codec) -> bytes:
    """Encode the rejected events into one container file."""
    records = [quarantine_record(item, origin) for item in rejected]
    return _encode(QUARANTINE_SCHEMA, records, origin, "quarantine", codec)


def landed_record(item: AcceptedEvent, origin: Origin) -> dict[str, Any]:
    """The event's record as it lands, in its contract's landed schema."""
    return {**item.record, ORIGIN: _origin_of(item, origin)}


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
        ORIGIN: _origin_of(item, origin),
    }


def _origin_of(item: AcceptedEvent | RejectedEvent, origin: Origin) -> dict[str, Any]:
    return {
        "hub": origin.hub,
        "generation": origin.generation,
        "partition_id": origin.partition_id,
        "sequence_number": item.event.sequence_number,
        "enqueued_at": item.event.enqueued_at,
    }


def _encode(
    schema: Any, records: Sequence[Mapping[str, Any]], origin: Origin, what: str, codec: Codec
) -> bytes:
    seed = f"{origin.batch_id}/g{origin.generation}/{what}"
    file = BytesIO()
    writer(
        file,
        schema,
        records,
        codec=codec.name,
        codec_compression_level=codec.level,
        sync_interval=BLOCK_BYTES,
        sync_marker=hashlib.sha256(seed.encode()).digest()[:16],
        metadata={"landfall.batch_id": origin.batch_id, "landfall.contract": what},
    )
    return file.getvalue()

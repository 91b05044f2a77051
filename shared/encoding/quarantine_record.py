"""What the quarantine keeps of an event that broke its contract."""

from typing import Any

from fastavro import parse_schema

from shared.contracts.origin import ORIGIN, ORIGIN_FIELD, Origin, origin_record
from shared.encoding.judging import RejectedEvent
from shared.values.avro_types import Json
from shared.values.rejection import encodable

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

"""Where an event comes from: the last field of each landed and each quarantined record."""

from dataclasses import dataclass
from typing import Any

from shared.hub.address import GenerationAddress
from shared.hub.events import Event
from shared.values.avro_types import Json

ORIGIN = "_landfall"
ORIGIN_FIELD: Json = {
    "name": ORIGIN,
    "type": {
        "type": "record",
        "name": "landfall.Origin",
        "fields": [
            {"name": "hub", "type": "string"},
            {"name": "generation", "type": "int"},
            {"name": "partition_id", "type": "string"},
            {"name": "sequence_number", "type": "long"},
            {"name": "enqueued_at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        ],
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a file's events come from; the batch id is also the seed of the sync marker."""

    place: GenerationAddress
    batch_id: str


def origin_record(event: Event, origin: Origin) -> dict[str, Any]:
    """The value of `_landfall` for one event."""
    place = origin.place
    return {
        "hub": place.partition.hub,
        "generation": place.generation,
        "partition_id": place.partition.partition_id,
        "sequence_number": event.sequence_number,
        "enqueued_at": event.enqueued_at,
    }

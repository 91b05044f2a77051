"""Decodes a batch from what the worker hands over, without the library's work for each event.

Expects names, types and times as the Event Hubs extension writes them
(Microsoft.Azure.WebJobs.Extensions.EventHubs), and leaves any other batch to the library.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from functions.handover import HandedOver
from shared.hub.address import PartitionAddress
from shared.hub.events import Event, EventBatch

_NEEDED = ("PartitionContext", "PropertiesArray", "SystemPropertiesArray")


def decode_batch(handed: HandedOver) -> EventBatch | None:
    """Decode a batch; None if the Event Hubs extension does not write batches like it."""
    data, metadata = handed.data, handed.metadata
    if data.type != "collection_bytes" or any(name not in metadata for name in _NEEDED):
        return None
    try:
        context, properties, system = (orjson.loads(metadata[name].value) for name in _NEEDED)
        events = _decode_events(list(data.value.bytes), properties, system)
        if events is None:
            return None
        return EventBatch(address=parse_address(context), events=events)
    except (AttributeError, KeyError, TypeError, ValueError):
        # Unexpected shape: let the library decode it and raise its own error.
        return None


def parse_address(context: Mapping[str, Any]) -> PartitionAddress:
    """Read the batch's partition from the trigger's `PartitionContext`."""
    return PartitionAddress(hub=context["EventHubName"], partition_id=context["PartitionId"])


def text_or_none(value: Any) -> str | None:
    """A content type; a sender may give an annotation of that name any type."""
    return value if isinstance(value, str) else None


def _decode_events(
    bodies: Sequence[bytes],
    properties: Sequence[Mapping[str, Any]],
    system: Sequence[Mapping[str, Any]],
) -> tuple[Event, ...] | None:
    numbers = [item.get("SequenceNumber") for item in system]
    keys = [item.get("PartitionKey") for item in system]
    times = _decode_times([item.get("EnqueuedTimeUtc") for item in system])
    is_as_written = (
        times is not None
        and len(bodies) == len(properties) == len(system)
        and {*map(type, numbers)} <= {int}
        and {*map(type, keys)} <= {str, type(None)}
    )
    if times is None or not is_as_written:
        return None
    texts = ({name: str(value) for name, value in named.items()} for named in properties)
    content_types = (text_or_none(item.get("content-type")) for item in system)
    return tuple(map(Event, numbers, times, bodies, texts, content_types, keys))


def _decode_times(texts: Sequence[Any]) -> list[datetime] | None:
    """Decode times, as UTC if they name no zone; None if one of them is not a time."""
    try:
        # The extension names no zone. Adding it to the text costs a tenth of adding it to the time.
        return [datetime.fromisoformat(text + "Z") for text in texts]
    except (TypeError, ValueError):
        pass
    try:
        return [_decode_time(text) for text in texts]
    except (TypeError, ValueError):
        return None


def _decode_time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

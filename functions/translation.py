"""From the host's values to ours: the one place that knows what the triggers hand over."""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC
from functools import cache
from typing import Any

import azure.functions as func

from functions.event_decoding import decode_batch, parse_address, text_or_none
from functions.handover import HandedOver
from shared.dropzone.receiving import DroppedFile
from shared.errors import MisconfiguredError
from shared.hub.events import Event, EventBatch
from shared.logs import log_event

logger = logging.getLogger("landfall.translation")


def parse_event_batch(events: Sequence[func.EventHubEvent]) -> EventBatch:
    """Make one batch from the events that one invocation receives."""
    if isinstance(events, HandedOver):
        if batch := decode_batch(events):
            return batch
        tell_of_odd_batches()
    return _parse_decoded(events)


@cache
def tell_of_odd_batches() -> None:
    """Log once that the host writes batches in an unknown form: the result is right, but slower."""
    log_event(logger, logging.WARNING, "trigger_batch_left_to_the_library")


def parse_dropped_file(blob: func.InputStream) -> DroppedFile:
    """Read a blob, which the host names by its container and its path."""
    _, _, path = (blob.name or "").partition("/")
    return DroppedFile(path=path, data=blob.read())


def _parse_decoded(events: Sequence[func.EventHubEvent]) -> EventBatch:
    """Make a batch from events that the library has decoded.

    Each access to `metadata` parses every array again, so read it once for the whole batch.
    """
    metadata: Mapping[str, Any] = events[0].metadata or {}
    context = metadata["PartitionContext"]
    parts = (events, metadata["PropertiesArray"], metadata["SystemPropertiesArray"])
    return EventBatch(
        address=parse_address(context),
        events=tuple(_event(*item) for item in zip(*parts, strict=True)),
    )


def _event(
    event: func.EventHubEvent, properties: Mapping[str, Any], system: Mapping[str, Any]
) -> Event:
    if event.sequence_number is None or event.enqueued_time is None:
        message = "the host handed over an event without sequence number or enqueued time"
        raise MisconfiguredError(message, hint="check the trigger's cardinality and data type")
    return Event(
        sequence_number=event.sequence_number,
        enqueued_at=event.enqueued_time.replace(tzinfo=UTC),
        body=event.get_body(),
        properties={name: str(value) for name, value in properties.items()},
        content_type=text_or_none(system.get("content-type")),
        partition_key=event.partition_key,
    )

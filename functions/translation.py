"""From the host's values to ours: the one place that knows how the triggers hand over.

`metadata` parses every array again at each access, so it is read once for the whole batch.
Names as the Event Hubs extension gives them (Microsoft.Azure.WebJobs.Extensions.EventHubs).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

import azure.functions as func

from shared.dropzone import Upload
from shared.errors import MisconfiguredError
from shared.events import Event, EventBatch


def parse_event_batch(events: Sequence[func.EventHubEvent]) -> EventBatch:
    """Make one batch of the events that one invocation receives."""
    metadata: Mapping[str, Any] = events[0].metadata or {}
    context = metadata["PartitionContext"]
    return EventBatch(
        hub=context["EventHubName"],
        partition_id=context["PartitionId"],
        events=tuple(
            map(_event, events, metadata["PropertiesArray"], metadata["SystemPropertiesArray"])
        ),
    )


def parse_upload(blob: func.InputStream) -> Upload:
    """Make an upload of a blob, which the host names by its container and its path."""
    _, _, path = (blob.name or "").partition("/")
    return Upload(path=path, data=blob.read())


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
        content_type=system.get("content-type"),
        partition_key=event.partition_key,
    )

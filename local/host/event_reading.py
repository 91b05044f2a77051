"""Events as the SDK gives them, read into what the payload needs."""

from azure.eventhub import EventData
from azure.eventhub.amqp import AmqpMessageBodyType

from local.host.event_payload import ReceivedEvent


def read_event(event: EventData) -> ReceivedEvent:
    """Read one received event; raise ValueError when the hub's own properties are not there."""
    number, enqueued_at = event.sequence_number, event.enqueued_time
    if number is None or enqueued_at is None:
        msg = "an event came without its sequence number or enqueued time"
        raise ValueError(msg)
    key = event.partition_key
    return ReceivedEvent(
        body=_read_body(event),
        sequence_number=number,
        offset=event.offset or "",
        enqueued_at=enqueued_at,
        partition_key=key.decode("utf-8") if isinstance(key, bytes) else key,
        properties=event.properties or {},
        system_properties=event.system_properties,
    )


def _read_body(event: EventData) -> bytes:
    if event.body_type is not AmqpMessageBodyType.DATA:
        msg = f"the body of event {event.sequence_number} is an AMQP {event.body_type}, not data"
        raise ValueError(msg)
    body = event.body
    return body if isinstance(body, bytes) else b"".join(body)  # type: ignore[arg-type] # by body_type

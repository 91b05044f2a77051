"""What the host reads of an event that the SDK has received."""

from datetime import UTC, datetime

from azure.eventhub import EventData
from azure.eventhub.amqp import AmqpMessageProperties

from local.host.event_reading import read_event

NOON = datetime(2025, 3, 10, 12, 0, 0, 120_000, tzinfo=UTC)


def test_an_event_is_read_as_the_sdk_reads_it() -> None:
    event = EventData(b"body")
    message = event.raw_amqp_message
    message.properties = AmqpMessageProperties(
        message_id=b"m-1", content_type=b"avro/binary", creation_time=7, group_sequence=0
    )
    message.annotations = {
        b"x-opt-sequence-number": 4,
        b"x-opt-offset": b"400",
        b"x-opt-enqueued-time": int(NOON.timestamp() * 1000),
        b"x-opt-partition-key": b"k",
        b"iothub-connection-device-id": b"d-1",
    }
    message.application_properties = {b"contract": b"orders/2"}

    read = read_event(event)

    assert read.body == b"body"
    assert (read.sequence_number, read.offset, read.enqueued_at) == (4, "400", NOON)
    assert (read.partition_key, read.properties) == ("k", {b"contract": b"orders/2"})
    told = {name.decode(): value for name, value in event.system_properties.items()}
    assert {as_text(name): value for name, value in read.system_properties.items()} == told


def test_an_event_without_properties_of_the_message_has_the_hub_s_alone() -> None:
    event = EventData(b"body")
    event.raw_amqp_message.properties = None
    event.raw_amqp_message.annotations = {b"x-opt-sequence-number": 4, b"x-opt-enqueued-time": 7}

    assert read_event(event).system_properties == event.raw_amqp_message.annotations


def as_text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name

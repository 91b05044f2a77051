"""The batches of one partition, as the host hands them to the worker."""

from datetime import timedelta

from benchmarks.readings import CONTRACT, START, json_bodies
from local.host.event_payload import PartitionSource, ReceivedEvent, encode_batch
from local.host.worker import TriggerPayload

BATCH_SIZE = 1_000
PARTITIONS = ("0", "1")


def handed_batches(count: int, partition_id: str = PARTITIONS[0]) -> list[TriggerPayload]:
    """`count` consecutive batches of one partition."""
    bodies = json_bodies(count * BATCH_SIZE)
    events = [_received(number, body) for number, body in enumerate(bodies)]
    source = PartitionSource(
        fully_qualified_namespace="namespace.servicebus.windows.net",
        # The name of the in-memory hub.
        event_hub_name="hub",
        consumer_group="$Default",
        partition_id=partition_id,
    )
    return [
        encode_batch(
            events[start : start + BATCH_SIZE], source, data_type="BINARY", is_checkpointing=True
        )
        for start in range(0, len(events), BATCH_SIZE)
    ]


def _received(number: int, body: bytes) -> ReceivedEvent:
    enqueued_at = START + timedelta(milliseconds=number)
    return ReceivedEvent(
        body=body,
        sequence_number=number,
        offset=str(number * 500),
        enqueued_at=enqueued_at,
        partition_key=None,
        properties={b"contract": str(CONTRACT.id).encode()},
        system_properties={
            b"content-type": b"application/json",
            b"x-opt-sequence-number": number,
            b"x-opt-offset": str(number * 500).encode(),
            b"x-opt-enqueued-time": int(enqueued_at.timestamp() * 1000),
        },
    )

"""The synchronous SDK against the hub emulator: sending, receiving, properties, positions."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from azure.eventhub import EventData
from azure.eventhub._buffered_producer._partition_resolver import PartitionResolver
from azure.eventhub.amqp import AmqpAnnotatedMessage

from tests.contract.emulator_process import eventually
from tests.contract.hub_fixture import GROUP, Overseer, side_by_side

GROUPS = ("$Default", GROUP)
INSTANT = timedelta(milliseconds=5)
KEYS = ["a", "device-17", "thirteen char", "x" * 100, "0", "device-3"]


def properties_event():
    event = EventData(b"\x00\xff body")
    event.content_type = "avro/binary+17"
    event.message_id = "message"
    event.correlation_id = "correlation"
    event.properties = {"contract": "readings/2", "number": 7, "flag": True, "ratio": 0.5}
    return event


ANNOTATED = AmqpAnnotatedMessage(
    data_body=[b"two ", b"parts"],
    header={"priority": 5, "durable": True},
    annotations={"x-opt-mine": "kept", "x-opt-offset": "forged"},
    delivery_annotations={"x-hop": "h"},
    footer={"x-foot": "f"},
)
LARGE = bytes(range(256)) * 4092
SENT = {
    "single": EventData(b"one"),
    "properties": properties_event(),
    "annotated": ANNOTATED,
    "value": AmqpAnnotatedMessage(value_body={"a": [1, None, "x"]}),
    "sequence": AmqpAnnotatedMessage(sequence_body=[[1, 2], ["three"]]),
    "empty": EventData(b""),
}


@pytest.fixture(scope="module")
def came(hubs):
    """Send events of every kind, single and in batches, and read them back."""
    hub = hubs.new_hub()
    with hubs.producer(hub) as producer:
        for event in SENT.values():
            producer.send_event(event, partition_id="0")
        batch = producer.create_batch(partition_id="0")
        for event in (properties_event(), ANNOTATED):
            batch.add(event)
        producer.send_batch(batch)
        producer.send_batch([EventData(LARGE)], partition_id="0")
    names = [*SENT, "batched properties", "batched annotated", "large"]
    return dict(zip(names, hubs.read(hub, len(names)), strict=True))


def test_events_come_back_in_the_order_in_which_they_were_sent(came):
    events = list(came.values())
    assert b"".join(events[0].body) == b"one"
    assert [event.sequence_number for event in events] == list(range(len(events)))


def test_offsets_grow_and_are_not_sequence_numbers(came):
    offsets = [int(event.offset) for event in came.values()]
    assert offsets == sorted(set(offsets))
    assert not set(offsets) & set(range(len(offsets)))


def test_enqueued_times_do_not_decrease(came):
    times = [event.enqueued_time for event in came.values()]
    assert times == sorted(times)
    assert timedelta(0) < datetime.now(UTC) - times[0] < timedelta(minutes=5)


@pytest.mark.parametrize("name", ["properties", "batched properties"])
def test_an_events_properties_come_back_as_they_were_sent(came, name):
    event = came[name]
    assert b"".join(event.body) == b"\x00\xff body"
    assert event.content_type == "avro/binary+17"
    assert (event.message_id, event.correlation_id) == ("message", "correlation")
    assert event.properties == {
        b"contract": b"readings/2", b"number": 7, b"flag": True, b"ratio": 0.5,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["annotated", "batched annotated"])
def test_an_annotated_message_keeps_its_sections_beside_the_services_annotations(came, name):
    raw = came[name].raw_amqp_message
    assert list(came[name].body) == [b"two ", b"parts"]
    assert (raw.header.priority, raw.header.durable) == (5, True)
    assert raw.annotations[b"x-opt-mine"] == b"kept"
    assert came[name].offset != "forged"
    assert raw.delivery_annotations == {b"x-hop": b"h"}
    assert raw.footer == {b"x-foot": b"f"}


def test_bodies_of_other_kinds_come_back(came):
    assert came["value"].body == {b"a": [1, None, b"x"]}
    assert list(came["sequence"].body) == [[1, 2], [b"three"]]


def test_an_empty_body_is_an_event(came):
    assert b"".join(came["empty"].body) == b""


def test_a_batch_near_the_limit_goes_both_ways_in_several_frames(came):
    assert b"".join(came["large"].body) == LARGE


@side_by_side
def test_a_key_leads_to_one_partition_and_comes_back_with_the_event(hubs):
    hub = hubs.new_hub(partitions=4)
    with hubs.producer(hub) as producer:
        for key in KEYS * 2:
            producer.send_event(EventData(key), partition_key=key)
    counts = [hubs.partition(hub, str(index))["count"] for index in range(4)]
    expected = [partition_of(key) for key in KEYS]
    assert counts == [2 * expected.count(str(index)) for index in range(4)]
    events = hubs.read(hub, counts[0], partition_id="0")
    assert [event.partition_key.decode() for event in events] == [
        event.body_as_str() for event in events
    ]


def partition_of(key):
    """Ask the SDK's buffered producer, which hashes as the service does."""
    return PartitionResolver(["0", "1", "2", "3"]).get_partition_id_by_partition_key(key)


@side_by_side
def test_sends_without_key_go_round_the_partitions(hubs):
    hub = hubs.new_hub(partitions=3)
    with hubs.producer(hub) as producer:
        for _ in range(6):
            producer.send_batch([EventData(b"x"), EventData(b"y")])
    assert [hubs.partition(hub, str(index))["count"] for index in range(3)] == [4, 4, 4]


@side_by_side
def test_the_buffered_producer_is_served(hubs):
    hub = hubs.new_hub(partitions=2)
    sent = []
    with hubs.producer(
        hub, buffered_mode=True, on_success=lambda events, _: sent.extend(events),
        on_error=lambda *_: None,
    ) as producer:  # fmt: skip
        for number in range(20):
            producer.send_event(EventData(str(number)), partition_key=str(number % 3))
        producer.flush()
    assert len(sent) == 20
    assert sum(hubs.partition(hub, str(index))["count"] for index in range(2)) == 20


@side_by_side
def test_a_receiver_starts_where_it_is_told_inclusive_or_not(hubs, hub):
    hubs.put(hub, b"0")
    first = hubs.read(hub, 1)[0]
    eventually(lambda: datetime.now(UTC) > first.enqueued_time + INSTANT)
    hubs.put(hub, b"1", b"2")
    second = hubs.partition(hub)["last_enqueued_offset"]
    starts = [
        (first.offset, False, [b"1", b"2"]),
        (first.offset, True, [b"0", b"1", b"2"]),
        (second, True, [b"2"]),
        (1, True, [b"1", b"2"]),
        (first.enqueued_time, False, [b"1", b"2"]),
        (first.enqueued_time, True, [b"0", b"1", b"2"]),
    ]
    found = asyncio.run(read_from(hubs, hub, starts))
    assert found == [bodies for _, _, bodies in starts]


async def read_from(hubs, hub, starts):
    """Read from all positions at once; one consumer group has room for five readers."""
    reads = [
        hubs.aio_read(
            hub, len(bodies), group=GROUPS[index % 2], starting_position=position,
            starting_position_inclusive=inclusive,
        )
        for index, (position, inclusive, bodies) in enumerate(starts)
    ]  # fmt: skip
    return [[b"".join(event.body) for event in found] for found in await asyncio.gather(*reads)]


@side_by_side
def test_a_never_used_partition_has_the_services_empty_properties(hubs, hub):
    with hubs.producer(hub) as producer:
        properties = producer.get_partition_properties("0")
    assert properties == {
        "eventhub_name": hub,
        "id": "0",
        "beginning_sequence_number": 0,
        "last_enqueued_sequence_number": -1,
        "last_enqueued_offset": "-1",
        "last_enqueued_time_utc": datetime.min.replace(tzinfo=UTC),
        "is_empty": True,
    }


@side_by_side
def test_a_used_partitions_properties_tell_its_last_event(hubs, hub):
    hubs.put(hub, b"one", b"two")
    told = hubs.partition(hub)
    with hubs.consumer(hub) as consumer:
        properties = consumer.get_partition_properties("0")
    assert properties["beginning_sequence_number"] == 0
    assert properties["last_enqueued_sequence_number"] == 1
    assert properties["last_enqueued_offset"] == told["last_enqueued_offset"]
    milliseconds = properties["last_enqueued_time_utc"].timestamp() * 1000
    assert milliseconds == told["last_enqueued_at_ms"]
    assert properties["is_empty"] is False


@side_by_side
def test_a_hubs_properties_tell_its_name_age_and_partitions(hubs):
    before = datetime.now(UTC) - timedelta(seconds=1)
    hub = hubs.new_hub(partitions=3)
    with hubs.producer(hub) as producer:
        properties = producer.get_eventhub_properties()
    assert properties["eventhub_name"] == hub
    assert properties["partition_ids"] == ["0", "1", "2"]
    assert before < properties["created_at"] < datetime.now(UTC)


@side_by_side
def test_the_synchronous_consumer_receives_and_is_told_the_partitions_last_event(hubs, hub):
    hubs.put(hub, b"one", b"two", b"three")
    told = []
    with hubs.consumer(hub) as consumer, Overseer(consumer.close):

        def on_event(context, event):
            told.append((event.body_as_str(), context.last_enqueued_event_properties))
            if len(told) == 3:
                consumer.close()

        consumer.receive(
            on_event, partition_id="0", starting_position="-1",
            track_last_enqueued_event_properties=True,
        )  # fmt: skip
    last = hubs.partition(hub)
    assert [body for body, _ in told] == ["one", "two", "three"]
    assert told[0][1]["sequence_number"] == 2
    assert told[0][1]["offset"] == last["last_enqueued_offset"]
    assert told[0][1]["enqueued_time"].timestamp() * 1000 == last["last_enqueued_at_ms"]
    assert told[0][1]["retrieval_time"] >= told[0][1]["enqueued_time"]


@side_by_side
def test_names_are_case_insensitive(hubs, hub):
    hubs.put(hub.upper(), b"x")
    assert hubs.bodies(hub.upper(), 1, group="$DEFAULT") == [b"x"]

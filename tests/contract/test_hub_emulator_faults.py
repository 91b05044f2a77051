"""Each fault that an operator can order, as the unmodified SDK meets it."""

import asyncio

import pytest
from azure.eventhub import EventData
from azure.eventhub.exceptions import EventDataSendError, EventHubError

from tests.contract.hub_fixture import IGNORING_CUT_SOCKETS, side_by_side

pytestmark = IGNORING_CUT_SOCKETS


@side_by_side
def test_a_busy_server_rejects_a_send_and_takes_the_next(hubs, hub):
    # The SDK sends a rejected event once more before it gives up.
    hubs.emulator.set_fault(kind="server-busy", hub=hub, count=2)
    with hubs.producer(hub) as producer:
        with pytest.raises(EventDataSendError, match="server-busy"):
            producer.send_event(EventData(b"rejected"), partition_id="0")
        producer.send_event(EventData(b"taken"), partition_id="0")
    assert hubs.partition(hub)["count"] == 1 + 2 - sum(hubs.fired(hub))


@side_by_side
def test_a_fault_hits_only_the_hub_and_partition_that_it_names(hubs):
    hub = hubs.new_hub(partitions=2)
    hubs.emulator.set_fault(kind="server-busy", hub="another")
    hubs.emulator.set_fault(kind="server-busy", hub=hub, partition="1")
    hubs.send(hub, b"x")
    assert hubs.partition(hub)["count"] == 1
    assert hubs.fired(hub) + hubs.fired("another") == [0, 0]


@side_by_side
def test_a_detached_sender_fails_and_attaches_again(hubs, hub):
    hubs.emulator.set_fault(kind="detach", hub=hub, on="send")
    with hubs.producer(hub) as producer:
        with pytest.raises(EventHubError):
            producer.send_event(EventData(b"lost"), partition_id="0")
        producer.send_event(EventData(b"kept"), partition_id="0")
    assert hubs.fired(hub) == [1]
    assert hubs.take(hub, 1) == [b"kept"]


@side_by_side
def test_a_detached_receiver_is_told(hubs, hub):
    hubs.put(hub, b"x")
    hubs.emulator.set_fault(kind="detach", hub=hub, on="delivery")
    with pytest.raises(EventHubError, match="detached by an ordered fault"):
        hubs.read(hub, 1)
    assert hubs.fired(hub) == [1]
    assert hubs.take(hub, 1) == [b"x"]


@side_by_side
def test_a_connection_dropped_before_the_store_stores_nothing(hubs, hub):
    hubs.emulator.set_fault(kind="drop-before-store", hub=hub)
    with pytest.raises(EventHubError):
        hubs.send(hub, b"x")
    assert hubs.fired(hub) == [1]
    assert hubs.partition(hub)["count"] == 0


@side_by_side
def test_a_connection_dropped_after_the_store_has_stored(hubs, hub):
    hubs.emulator.set_fault(kind="drop-after-store", hub=hub)
    with pytest.raises(EventHubError):
        hubs.send(hub, b"x")
    assert hubs.fired(hub) == [1]
    assert hubs.take(hub, 1) == [b"x"]


@side_by_side
def test_a_retry_after_a_drop_behind_the_store_makes_a_duplicate(hubs, hub):
    hubs.emulator.set_fault(kind="drop-after-store", hub=hub)
    with hubs.producer(hub, retry_total=3, retry_backoff_factor=0.01) as producer:
        producer.send_event(EventData(b"x"), partition_id="0")
    assert hubs.take(hub, 2) == [b"x", b"x"]


@side_by_side
async def test_a_delayed_send_keeps_its_place_before_those_behind_it(hubs, hub):
    async with hubs.aio_producer(hub) as producer:
        await producer.send_event(EventData(b"0"), partition_id="0")
        hubs.emulator.set_fault(kind="delay", hub=hub, on="send", seconds=0.2)
        delayed = asyncio.create_task(producer.send_event(EventData(b"1"), partition_id="0"))
        while hubs.fired(hub) == [0]:
            await asyncio.sleep(0.01)
        assert hubs.partition(hub)["count"] == 1
        await delayed
        await producer.send_event(EventData(b"2"), partition_id="0")
    assert hubs.take(hub, 3) == [b"0", b"1", b"2"]


@side_by_side
def test_a_delayed_delivery_comes_all_the_same(hubs, hub):
    hubs.put(hub, b"x", b"y")
    hubs.emulator.set_fault(kind="delay", hub=hub, on="delivery", seconds=0.2)
    assert hubs.bodies(hub, 2) == [b"x", b"y"]
    assert hubs.fired(hub) == [1]

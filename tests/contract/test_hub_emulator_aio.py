"""The asynchronous SDK against the hub emulator, and how receivers share partitions."""

import asyncio
from contextlib import asynccontextmanager

from azure.eventhub import EventData
from azure.eventhub.aio._eventprocessor.in_memory_checkpoint_store import InMemoryCheckpointStore
from azure.eventhub.exceptions import ConnectionLostError, OwnershipLostError

from tests.contract.hub_fixture import IGNORING_CUT_SOCKETS, side_by_side

pytestmark = IGNORING_CUT_SOCKETS


class Reader:
    """A consumer that receives in the background and remembers what it was told."""

    def __init__(self):
        self.bodies = []
        self.partitions = set()
        self.errors = []
        self.closed = []

    async def on_event(self, context, event):
        self.bodies.append(event.body_as_str())
        self.partitions.add(context.partition_id)
        await context.update_checkpoint(event)

    async def on_error(self, _, error):
        self.errors.append(error)

    async def on_partition_close(self, context, reason):
        self.closed.append((context.partition_id, reason))

    async def has(self, is_so):
        async with asyncio.timeout(20):
            while not is_so(self):
                await asyncio.sleep(0.01)


@asynccontextmanager
async def reading(hubs, hub, client_options=None, **options):
    reader = Reader()
    async with hubs.aio_consumer(hub, **(client_options or {})) as consumer:
        receiving = asyncio.create_task(
            consumer.receive(
                reader.on_event, on_error=reader.on_error,
                on_partition_close=reader.on_partition_close,
                **{"starting_position": "-1", **options},
            )
        )  # fmt: skip
        try:
            yield reader
        finally:
            receiving.cancel()
            await asyncio.wait([receiving])


@side_by_side
async def test_events_sent_while_a_receiver_waits_reach_it(hubs, hub):
    async with reading(hubs, hub, partition_id="0") as reader:
        hubs.put(hub, b"before")
        await reader.has(lambda r: r.bodies == ["before"])
        hubs.put(hub, b"after", b"later")
        await reader.has(lambda r: r.bodies == ["before", "after", "later"])
    assert reader.errors == []


@side_by_side
async def test_a_receiver_at_the_latest_position_gets_only_what_comes_then(hubs, hub):
    hubs.put(hub, b"old")
    async with reading(hubs, hub, partition_id="0", starting_position="@latest") as reader:
        while not reader.bodies:
            hubs.put(hub, b"new")
            await asyncio.sleep(0.02)
    assert set(reader.bodies) == {"new"}


@side_by_side
async def test_many_events_pass_with_more_credit_rounds_than_one(hubs, hub):
    sent = [str(number) for number in range(3000)]
    async with hubs.aio_producer(hub) as producer:
        await producer.send_batch([EventData(body) for body in sent], partition_id="0")
    async with reading(hubs, hub, partition_id="0", prefetch=500) as reader:
        await reader.has(lambda r: len(r.bodies) >= 3000)
    assert reader.bodies == sent


@side_by_side
async def test_consumer_groups_read_independently(hubs, hub):
    async with (
        reading(hubs, hub, {"group": "$Default"}, partition_id="0", owner_level=3) as one,
        reading(hubs, hub, partition_id="0", owner_level=1) as other,
    ):
        hubs.put(hub, b"x")
        await one.has(lambda r: r.bodies == ["x"])
        await other.has(lambda r: r.bodies == ["x"])
    assert one.errors == other.errors == []


@side_by_side
async def test_an_equal_owner_level_ejects_the_holder(hubs, hub):
    await one_ejects_the_other(hubs, hub, holder=5, comer=5)


@side_by_side
async def test_a_higher_owner_level_ejects_the_holder(hubs, hub):
    await one_ejects_the_other(hubs, hub, holder=5, comer=6)


@side_by_side
async def test_an_owner_level_ejects_receivers_without_one(hubs, hub):
    await one_ejects_the_other(hubs, hub, holder=None, comer=0)


async def one_ejects_the_other(hubs, hub, holder, comer):
    hubs.put(hub, b"first")
    async with reading(hubs, hub, partition_id="0", owner_level=holder) as loser:
        await loser.has(lambda r: r.bodies == ["first"])
        async with reading(hubs, hub, partition_id="0", owner_level=comer) as winner:
            await winner.has(lambda r: r.bodies == ["first"])
            await loser.has(lambda r: r.errors)
    assert isinstance(loser.errors[0], ConnectionLostError)
    assert "higher epoch" in str(loser.errors[0])
    assert winner.errors == []


@side_by_side
async def test_a_lower_or_no_owner_level_is_refused_where_a_higher_one_holds(hubs, hub):
    async with reading(hubs, hub, partition_id="0", owner_level=5) as holder:
        hubs.put(hub, b"first")
        await holder.has(lambda r: r.bodies == ["first"])
        async with (
            reading(hubs, hub, partition_id="0", owner_level=4) as lower,
            reading(hubs, hub, partition_id="0") as none,
        ):
            await lower.has(lambda r: r.errors)
            await none.has(lambda r: r.errors)
        hubs.put(hub, b"second")
        await holder.has(lambda r: r.bodies == ["first", "second"])
    assert "higher epoch '5' already exists" in str(lower.errors[0])
    assert "non-epoch receiver is not allowed" in str(none.errors[0])


@side_by_side
async def test_consumers_with_a_checkpoint_store_share_the_partitions(hubs):
    hub, store = hubs.new_hub(partitions=4), InMemoryCheckpointStore()
    balancing = {"checkpoint_store": store, "load_balancing_interval": 0.2}
    async with (
        reading(hubs, hub, balancing) as one,
        reading(hubs, hub, balancing) as other,
    ):
        while not (one.partitions and other.partitions and len(all_of(one, other)) == 4):
            for index in range(4):
                hubs.put(hub, b"event", partition_id=str(index))
            await asyncio.sleep(0.02)
    assert all_of(one, other) == {"0", "1", "2", "3"}
    errors = [e for e in one.errors + other.errors if "epoch" not in str(e)]
    assert [e for e in errors if not isinstance(e, OwnershipLostError)] == []


def all_of(one, other):
    return one.partitions | other.partitions


@side_by_side
async def test_a_consumer_resumes_behind_its_checkpoint(hubs, hub):
    store = InMemoryCheckpointStore()
    balancing = {"checkpoint_store": store, "load_balancing_interval": 0.2}
    hubs.put(hub, b"one", b"two")
    async with reading(hubs, hub, balancing) as first:
        await first.has(lambda r: len(r.bodies) == 2)
    hubs.put(hub, b"three")
    async with reading(hubs, hub, balancing) as second:
        await second.has(lambda r: r.bodies)
    assert second.bodies == ["three"]


@side_by_side
async def test_the_properties_are_read_asynchronously(hubs, hub):
    async with hubs.aio_consumer(hub) as consumer:
        properties = await consumer.get_eventhub_properties()
        partition = await consumer.get_partition_properties("0")
    assert properties["partition_ids"] == ["0"]
    assert partition["is_empty"] is True

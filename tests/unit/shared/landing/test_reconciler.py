from dataclasses import dataclass, field
from datetime import datetime

import pytest

from shared.landing.lander import Lander
from shared.landing.reconciler import EVENTS_AT_ONCE, STUCK, TICK, Reconciler, Reconciliation
from shared.landing.sweeper import Sweeper
from shared.ledger.partition import GapState, Generation
from tests.builders import a_batch, a_batch_of, a_partition, a_time, an_address, an_event
from tests.landers import a_lander
from tests.memory import MemoryHub, MemoryLake, MemoryLedger


@dataclass
class World:
    lake: MemoryLake = field(default_factory=MemoryLake)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    hub: MemoryHub = field(default_factory=MemoryHub)
    now: datetime = field(default_factory=lambda: a_time(10_000))

    def __post_init__(self) -> None:
        self.lander = self.new_lander()
        self.reconciler = Reconciler(
            ledger=self.ledger,
            hub=self.hub,
            read_partitions=self.hub.read_partitions,
            events=self.hub,
            lander=self.new_lander(),
            sweeper=Sweeper(self.lake, self.ledger),
            clock=lambda: self.now,
        )

    def new_lander(self) -> Lander:
        return a_lander(self.lake, self.ledger, self.hub, clock=lambda: self.now)

    def holds(self, first: int, last: int, *, later: float = 0, partition_id: str = "0") -> None:
        """The hub holds these numbers, and none below or above."""
        numbers = range(first, last + 1)
        events = [an_event(n, enqueued_at=a_time(n + later)) for n in numbers]
        self.hub.hold(partition_id, *events)

    def tick_when_stuck(self) -> Reconciliation:
        """Let the head stand still for long enough, and tick."""
        self.reconciler.tick()
        self.now += STUCK
        return self.reconciler.tick()

    def current(self, partition_id: str = "0") -> Generation:
        stored = self.ledger.read(an_address(partition_id))
        assert stored is not None
        return stored.partition.current

    def numbers(self, generation: int = 0) -> list[int]:
        """Every committed number, as often as it is committed."""
        return sorted(
            n
            for batch in self.ledger.batches
            if batch.generation == generation and batch.address == an_address()
            for part in batch.ranges
            for n in range(part.first, part.last + 1)
        )


@pytest.fixture
def world() -> World:
    return World()


def test_a_gap_is_read_again_and_lands_as_any_batch(world: World) -> None:
    world.holds(0, 29)
    world.lander.land(a_batch(0, 9))
    world.lander.land(a_batch(20, 29))

    (done,) = world.reconciler.tick().partitions

    assert (done.replayed, done.lost, done.problem) == (10, 0, "")
    assert world.numbers() == list(range(30))
    assert world.current().gaps == ()


def test_a_second_tick_has_nothing_left_to_do(world: World) -> None:
    world.holds(0, 29)
    world.lander.land(a_batch(5, 29))
    world.reconciler.tick()

    assert world.reconciler.tick() == Reconciliation(heads_made=(), partitions=())


def test_what_the_hub_has_beyond_a_head_that_stands_still_is_landed(world: World) -> None:
    world.holds(0, 29)
    world.lander.land(a_batch(0, 9))

    early = world.reconciler.tick()
    (late,) = world.tick_when_stuck().partitions

    assert early.partitions == ()
    assert late.replayed == 20
    assert world.numbers() == list(range(30))


def test_a_partition_from_which_nothing_ever_came_is_landed_from_its_start(world: World) -> None:
    world.holds(7, 29)

    made = world.reconciler.tick().heads_made
    world.now += STUCK
    world.reconciler.tick()

    assert made == ("0",)
    assert (world.current().start, world.numbers()) == (7, list(range(7, 30)))


def test_a_head_that_moves_is_left_to_the_trigger(world: World) -> None:
    world.holds(0, 29)
    world.lander.land(a_batch(0, 9))
    world.reconciler.tick()
    world.now += STUCK
    world.lander.land(a_batch(10, 19))

    assert world.reconciler.tick().partitions == ()


def test_what_retention_has_taken_is_lost_by_its_numbers_and_the_rest_is_landed(
    world: World,
) -> None:
    world.holds(15, 29)
    world.ledger.create(a_partition(0, 0))
    world.lander.land(a_batch(0, 9))
    world.lander.land(a_batch(20, 29))

    (done,) = world.reconciler.tick().partitions

    (gap,) = world.current().gaps
    assert (done.replayed, done.lost) == (5, 5)
    assert (gap.range.first, gap.range.last, gap.state) == (10, 14, GapState.LOST)
    assert world.numbers() == [*range(10), *range(15, 30)]


def test_a_tick_is_bounded_and_the_next_goes_on_where_it_stopped(world: World) -> None:
    world.holds(0, 3 * EVENTS_AT_ONCE - 1)
    world.lander.land(a_batch(3 * EVENTS_AT_ONCE - 1, 3 * EVENTS_AT_ONCE - 1))
    world.hub.before_reading = lambda: setattr(world, "now", world.now + TICK)

    (first,) = world.reconciler.tick().partitions
    world.hub.before_reading = lambda: None
    (second,) = world.reconciler.tick().partitions

    assert (first.replayed, second.replayed) == (EVENTS_AT_ONCE, 2 * EVENTS_AT_ONCE - 1)
    assert world.numbers() == list(range(3 * EVENTS_AT_ONCE))


def test_a_hub_that_throttles_is_left_alone_until_the_next_tick(world: World) -> None:
    world.holds(0, 29)
    world.lander.land(a_batch(20, 29))
    world.hub.is_throttled = True

    (throttled,) = world.reconciler.tick().partitions
    world.hub.is_throttled = False
    (done,) = world.reconciler.tick().partitions

    assert (throttled.replayed, throttled.problem) == (0, "the hub is busy")
    assert done.replayed == 20


def test_one_partitions_problem_does_not_keep_the_others(world: World) -> None:
    world.hub.partitions["1"] = (0, -1)
    world.holds(0, 9)
    world.lander.land(a_batch(5, 9))
    world.holds(0, 9, partition_id="1")
    world.lander.land(a_batch(5, 9, partition_id="1"))
    world.hub.events["1"] = {}

    done = {item.partition_id: item.replayed for item in world.reconciler.tick().partitions}

    assert done == {"0": 5}
    assert world.numbers() == list(range(10))


def test_a_replay_that_races_the_trigger_lands_no_event_twice(world: World) -> None:
    world.holds(0, 29)
    world.lander.land(a_batch(20, 29))
    world.hub.before_reading = lambda: world.new_lander().land(a_batch(5, 14))

    world.reconciler.tick()

    assert world.numbers() == list(range(30))
    assert world.current().duplicates > 0


def test_a_hub_made_anew_that_has_grown_past_the_head_is_a_new_generation(world: World) -> None:
    world.holds(0, 9)
    world.lander.land(a_batch(0, 9))
    world.hub.remake(a_time(900))
    world.holds(0, 29, later=1000)

    (done,) = world.tick_when_stuck().partitions

    assert done.replayed == 30
    assert (world.numbers(0), world.numbers(1)) == (list(range(10)), list(range(30)))


def test_a_hub_that_holds_one_event_too_few_for_a_piece_ends_it_there(world: World) -> None:
    world.holds(0, 29)
    world.lander.land(a_batch_of(an_event(29)))
    del world.hub.events["0"][28]

    world.reconciler.tick()

    (gap,) = world.current().gaps
    assert (gap.range.first, gap.range.last, gap.state) == (28, 28, GapState.OPEN)


def test_a_tick_removes_what_an_overtaken_landing_left_behind(world: World) -> None:
    world.holds(0, 9)
    slow = world.new_lander()
    slow.land(a_batch(0, 4))
    world.lander.land(a_batch(5, 6))
    world.lake.refuses_to_delete = True
    slow.land(a_batch(5, 9))
    (left_behind,) = world.lake.files.keys() - {
        file.path for batch in world.ledger.batches for file in batch.files
    }
    told = world.reconciler.tick()
    assert (told.removed, told.problem) == ((), "the lake removes nothing")

    world.lake.refuses_to_delete = False

    assert world.reconciler.tick().removed == (left_behind,)
    assert left_behind not in world.lake.files

from dataclasses import dataclass, field

import pytest

from ops.options import range_of
from ops.replay import MOST_READS, Replay, replay, replay_lines
from shared.errors import MisconfiguredError
from shared.landing.reconciler import EVENTS_AT_ONCE
from tests.builders import a_batch, a_range, a_time, an_event
from tests.memory import MemoryHub
from tests.unit.ops.audit.audit_world import World

SOME = a_range(0, 29)


@dataclass
class Replaying(World):
    """A hub that holds numbers of which some have landed."""

    hub: MemoryHub = field(default_factory=MemoryHub)

    def holds(self, first: int, last: int) -> None:
        self.hub.partitions["0"] = (first, last)
        self.hub.events["0"] = {
            n: an_event(n, enqueued_at=a_time(n)) for n in range(first, last + 1)
        }

    def replay(self, first: int, last: int) -> Replay:
        partition = self.hub.read_partition("0")
        return replay(partition, a_range(first, last), self.hub, self.lander)

    def numbers(self) -> list[int]:
        ranges = [part for batch in self.ledger.batches for part in batch.ranges]
        return sorted(n for part in ranges for n in range(part.first, part.last + 1))


@pytest.fixture
def world() -> Replaying:
    made = Replaying()
    made.holds(0, 29)
    return made


def test_a_range_is_read_again_and_only_what_is_new_of_it_lands(world: Replaying) -> None:
    world.lander.land(a_batch(10, 19))

    done = world.replay(5, 24)

    assert done.is_complete
    assert done.read == (a_range(5, 24),)
    assert (done.counts.landed, done.counts.quarantined, done.duplicates) == (10, 0, 10)
    assert world.numbers() == list(range(5, 25))


def test_a_replay_that_is_repeated_lands_nothing_more(world: Replaying) -> None:
    first, second = world.replay(0, 29), world.replay(0, 29)

    assert (first.counts.landed, second.counts.landed, second.duplicates) == (30, 0, 30)
    assert world.numbers() == list(range(30))
    assert world.audit().problems == ()


def test_what_the_hub_does_not_hold_is_told_by_its_numbers(world: Replaying) -> None:
    world.holds(10, 19)

    done = world.replay(5, 24)

    assert not done.is_complete
    assert (done.not_held, done.not_yet, done.not_given) == (
        (a_range(5, 9),),
        (a_range(20, 24),),
        (),
    )
    assert list(replay_lines(done))[4:] == [
        "the hub no longer holds 5-9",
        "the hub does not have yet 20-24",
    ]


def test_an_empty_hub_gives_nothing(world: Replaying) -> None:
    world.hub.partitions["0"] = (40, 39)

    done = world.replay(30, 44)

    assert (done.not_held, done.not_yet) == ((a_range(30, 39),), (a_range(40, 44),))
    assert done.read == ()


def test_a_long_range_is_landed_piece_by_piece(world: Replaying) -> None:
    world.holds(0, 2 * EVENTS_AT_ONCE)

    done = world.replay(0, 2 * EVENTS_AT_ONCE)

    assert done.is_complete
    assert len(world.ledger.batches) == 3


def test_a_read_that_gives_nothing_is_repeated_and_then_told(world: Replaying) -> None:
    reads: list[int] = []
    world.hub.before_reading = lambda: reads.append(1)
    world.hub.events["0"] = {n: an_event(n) for n in range(10)}

    done = world.replay(0, 29)

    assert (done.read, done.not_given) == ((a_range(0, 9),), (a_range(10, 29),))
    assert len(reads) == 1 + MOST_READS


def test_a_hub_that_fails_in_the_middle_leaves_what_was_done_to_be_told(world: Replaying) -> None:
    world.hub.is_throttled = True

    done = world.replay(0, 29)

    assert (done.is_complete, done.not_given) == (False, (SOME,))
    assert list(replay_lines(done))[-1].startswith("the hub is busy")


def test_a_range_from_above_to_below_is_refused() -> None:
    with pytest.raises(MisconfiguredError, match="--from 5 is above --to 4"):
        range_of(5, 4)

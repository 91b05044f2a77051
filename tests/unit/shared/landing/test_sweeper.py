from dataclasses import dataclass, field

import pytest

from shared.landing import sweeper
from shared.landing.sweeper import Sweeper
from tests.builders import a_batch, a_batch_of, a_time, an_event
from tests.landers import a_lander
from tests.memory import MemoryHub, MemoryLake, MemoryLedger

DAY = 24 * 3600


@dataclass
class World:
    """Two owners of one partition; what the slow one leaves behind it cannot remove."""

    lake: MemoryLake = field(default_factory=MemoryLake)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    hub: MemoryHub = field(default_factory=MemoryHub)

    def __post_init__(self) -> None:
        self.fast = a_lander(self.lake, self.ledger, self.hub)
        self.slow = a_lander(self.lake, self.ledger, self.hub)
        self.sweeper = Sweeper(self.lake, self.ledger)
        self.next = 0

    def leave_one_behind(self, later: float = 0) -> str:
        first = self.next
        self.next += 5
        self.lake.refuses_to_delete = True
        self.slow.land(a_batch(first, first, later=later))
        self.fast.land(a_batch(first + 1, first + 2, later=later))
        self.slow.land(a_batch(first + 1, first + 4, later=later))
        self.lake.refuses_to_delete = False
        (path,) = [path for path in self.unnamed() if f"{first + 1:020d}-{first + 4:020d}" in path]
        return path

    def unnamed(self) -> set[str]:
        return self.lake.files.keys() - {
            file.path for batch in self.ledger.batches for file in batch.files
        }

    def sweep_everything(self) -> set[str]:
        """Sweep until the walk has begun and ended."""
        return {path for _ in range(10) for path in self.sweeper.sweep()}


@pytest.fixture
def world() -> World:
    return World()


def test_what_nobody_can_commit_any_more_is_removed_and_the_rest_stays(world: World) -> None:
    orphans = {world.leave_one_behind(day * DAY) for day in range(3)}
    world.slow.land(a_batch_of(an_event(90, b"?", enqueued_at=a_time(3 * DAY))))
    committed = world.lake.files.keys() - orphans

    assert world.sweep_everything() == orphans
    assert world.lake.files.keys() == committed


def test_what_may_still_be_committed_is_left_alone(world: World) -> None:
    world.slow.land(a_batch(0, 4))
    world.ledger.is_down = True
    with pytest.raises(Exception, match="the ledger is down"):
        world.slow.land(a_batch(5, 9))
    world.ledger.is_down = False

    assert world.sweep_everything() == set()

    world.slow.land(a_batch(5, 9))
    assert world.unnamed() == set()


def test_strangers_files_and_unknown_partitions_are_left_alone(world: World) -> None:
    orphan = world.leave_one_behind()
    strange = {
        orphan.replace("hub-p000", "hub-p007"): b"of a partition without a head",
        orphan.rpartition("/")[0] + "/_SUCCESS": b"of somebody else",
    }
    world.lake.files |= strange

    assert world.sweep_everything() == {orphan}
    assert strange.keys() <= world.lake.files.keys()


def test_a_sweep_is_bounded_starts_at_the_newest_and_goes_on_where_the_last_one_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeper, "FOLDERS_AT_ONCE", 1)
    oldest, middle, newest = (world.leave_one_behind(day * DAY) for day in range(3))

    swept = [list(world.sweeper.sweep()) for _ in range(5)]

    assert swept == [[newest], [middle], [oldest], [], []]


def test_a_folder_of_more_files_than_a_page_of_batches_is_swept_whole(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeper, "BATCHES_AT_ONCE", 2)
    orphans = {world.leave_one_behind() for _ in range(4)}

    assert world.sweep_everything() == orphans
    assert world.unnamed() == set()

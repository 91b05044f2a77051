from dataclasses import replace

import pytest

from ops.acknowledge import Lost, acknowledge_lost
from shared.errors import DependencyUnavailableError
from shared.hub.address import PartitionAddress
from shared.ledger.partition import GapState, Generation, Partition
from shared.ledger.store import Commit, StoredPartition
from tests.builders import a_gap, a_generation, a_range, an_address
from tests.memory import MemoryLedger

ENDED = a_generation(0, 9, a_gap(2, 3, GapState.LOST))
CURRENT = a_generation(0, 30, a_gap(1, 1), a_gap(4, 9, GapState.LOST), number=1)


def a_ledger(*partitions: str) -> MemoryLedger:
    ledger = MemoryLedger()
    for partition_id in partitions:
        address = an_address(partition_id)
        ledger.create(Partition(address=address, current=CURRENT, ended=(ENDED,)))
    return ledger


def currents(ledger: MemoryLedger) -> list[Generation]:
    return [partition.current for partition in ledger.list_partitions()]


def told(ledger: MemoryLedger, lost: Lost) -> list[tuple[str, int, int]]:
    return [
        (seen.place.partition.partition_id, seen.gap.range.first, seen.gap.range.last)
        for seen in acknowledge_lost(ledger, lost)
    ]


def test_all_that_is_lost_is_acknowledged_once() -> None:
    ledger = a_ledger("0", "1")

    first, second = told(ledger, Lost()), told(ledger, Lost())

    assert first == [("0", 2, 3), ("0", 4, 9), ("1", 2, 3), ("1", 4, 9)]
    assert second == []
    assert [known.in_gaps(GapState.LOST) for known in currents(ledger)] == [0, 0]
    assert [known.in_gaps(GapState.OPEN) for known in currents(ledger)] == [1, 1]
    assert ledger.heads[an_address()].partition.ended[0].lost == 2


def test_a_selection_leaves_the_rest_lost() -> None:
    ledger = a_ledger("0", "1")

    assert told(ledger, Lost(partition_id="1", within=a_range(5, 6))) == [("1", 5, 6)]
    assert told(ledger, Lost(hub="another")) == []
    assert [known.in_gaps(GapState.LOST) for known in currents(ledger)] == [6, 4]


def test_who_commits_meanwhile_does_not_keep_it_from_being_acknowledged() -> None:
    ledger = Overtaken(heads=a_ledger("0").heads, times=3)

    assert told(ledger, Lost()) == [("0", 2, 3), ("0", 4, 9)]
    assert ledger.heads[an_address()].partition.current.duplicates == 3


def test_a_partition_that_never_rests_is_told() -> None:
    ledger = Overtaken(heads=a_ledger("0").heads, times=1000)

    with pytest.raises(DependencyUnavailableError, match="run it again"):
        told(ledger, Lost())


class Overtaken(MemoryLedger):
    """Another owner commits before each of the first so many commits."""

    def __init__(self, *, heads: dict[PartitionAddress, StoredPartition], times: int) -> None:
        super().__init__(heads=heads)
        self.times = times

    def commit(self, stored: StoredPartition, commit: Commit) -> StoredPartition | None:
        if self.times:
            self.times -= 1
            now = self.heads[an_address()]
            current = now.partition.current
            changed = replace(current, duplicates=current.duplicates + 1)
            super().commit(now, Commit(partition=now.partition.with_generation(changed)))
        return super().commit(stored, commit)

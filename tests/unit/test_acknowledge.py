from dataclasses import replace

import pytest

from ops.acknowledge import Lost, acknowledge_lost
from ops.options import moment, number, numbers_of
from shared.errors import DependencyUnavailableError, MisconfiguredError
from shared.ledger.partition import GapState
from shared.ledger.store import Commit, StoredState
from tests.builders import a_gap, a_range, a_state
from tests.memory import MemoryLedger

ENDED = a_state(0, 9, a_gap(2, 3, GapState.LOST))
STATE = a_state(0, 30, a_gap(1, 1), a_gap(4, 9, GapState.LOST), generation=1, ended=(ENDED,))


def a_ledger(*partitions: str) -> MemoryLedger:
    ledger = MemoryLedger()
    for partition_id in partitions:
        ledger.create(a_state(partition_id=partition_id))
        stored = ledger.heads["hub", partition_id]
        state = a_state(
            STATE.start,
            STATE.head,
            *STATE.gaps,
            partition_id=partition_id,
            ended=(replace(ENDED, partition_id=partition_id),),
        )
        ledger.commit(stored, Commit(state=state))
    return ledger


def told(ledger: MemoryLedger, lost: Lost) -> list[tuple[str, int, int]]:
    return [
        (seen.partition_id, seen.gap.range.first, seen.gap.range.last)
        for seen in acknowledge_lost(ledger, lost)
    ]


def test_all_that_is_lost_is_acknowledged_once() -> None:
    ledger = a_ledger("0", "1")

    first, second = told(ledger, Lost()), told(ledger, Lost())

    assert first == [("0", 2, 3), ("0", 4, 9), ("1", 2, 3), ("1", 4, 9)]
    assert second == []
    assert [state.in_gaps(GapState.LOST) for state in ledger.list_states()] == [0, 0]
    assert [state.in_gaps(GapState.OPEN) for state in ledger.list_states()] == [1, 1]
    assert ledger.heads["hub", "0"].state.ended[0].lost == 2


def test_a_selection_leaves_the_rest_lost() -> None:
    ledger = a_ledger("0", "1")

    assert told(ledger, Lost(partition_id="1", within=a_range(5, 6))) == [("1", 5, 6)]
    assert told(ledger, Lost(hub="another")) == []
    assert [state.in_gaps(GapState.LOST) for state in ledger.list_states()] == [6, 4]


def test_who_commits_meanwhile_does_not_keep_it_from_being_acknowledged() -> None:
    ledger = Overtaken(heads=a_ledger("0").heads, times=3)

    assert told(ledger, Lost()) == [("0", 2, 3), ("0", 4, 9)]
    assert ledger.heads["hub", "0"].state.duplicates == 3


def test_a_partition_that_never_rests_is_told() -> None:
    ledger = Overtaken(heads=a_ledger("0").heads, times=1000)

    with pytest.raises(DependencyUnavailableError, match="run it again"):
        told(ledger, Lost())


def test_numbers_are_of_one_partition_and_in_order() -> None:
    def asked(**values: object) -> object:
        return type("Options", (), {"first": None, "last": None, "partition": None, **values})

    assert numbers_of(asked()) is None
    assert numbers_of(asked(first=3, partition="0")).first == 3
    with pytest.raises(MisconfiguredError, match="--partition"):
        numbers_of(asked(first=3))
    with pytest.raises(MisconfiguredError, match="above"):
        numbers_of(asked(first=3, last=2, partition="0"))


@pytest.mark.parametrize("text", ["", "-1", "1.0", "x", "9" * 19 + "9", "²"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Exception, match="is no number"):
        number(text)


def test_a_time_without_an_offset_is_utc() -> None:
    assert moment("2026-01-31T12:00") == moment("2026-01-31T13:00+01:00")
    with pytest.raises(Exception, match="is no time"):
        moment("yesterday")


class Overtaken(MemoryLedger):
    """Another owner commits before each of the first so many commits."""

    def __init__(self, *, heads: dict[tuple[str, str], StoredState], times: int) -> None:
        super().__init__(heads=heads)
        self.times = times

    def commit(self, stored: StoredState, commit: Commit) -> StoredState | None:
        if self.times:
            self.times -= 1
            current = self.heads["hub", "0"]
            changed = a_state(
                0,
                30,
                *current.state.gaps,
                duplicates=current.state.duplicates + 1,
                ended=current.state.ended,
            )
            super().commit(current, Commit(state=changed))
        return super().commit(stored, commit)

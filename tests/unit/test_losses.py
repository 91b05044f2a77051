from hypothesis import given
from hypothesis import strategies as st

from shared.hub.properties import HubPartition
from shared.ledger.gaps import lose
from shared.ledger.losses import acknowledge
from shared.ledger.partition import Gap, GapState
from tests.builders import a_gap, a_range, a_state, a_time


def the_hub(begin: int) -> HubPartition:
    return HubPartition(
        hub="hub",
        partition_id="0",
        begin=begin,
        last_enqueued=99,
        last_enqueued_at=a_time(99),
        created_at=a_time(),
    )


def ranges(gaps: tuple[Gap, ...], state: GapState) -> list[tuple[int, int]]:
    return [(gap.range.first, gap.range.last) for gap in gaps if gap.state is state]


def test_what_retention_takes_bit_by_bit_is_one_gap_that_is_lost_since_the_first() -> None:
    state = a_state(0, 10, a_gap(2, 8))

    for begin in (3, 5, 7, 12):
        state = lose(state, the_hub(begin), a_time(begin))

    assert ranges(state.gaps, GapState.LOST) == [(2, 8), (10, 11)]
    assert [gap.since for gap in state.gaps] == [a_time(3), a_time(12)]


def test_what_is_acknowledged_is_a_part_of_what_is_lost() -> None:
    state = a_state(0, 30, a_gap(1, 2), a_gap(4, 9, GapState.LOST), a_gap(20, 20, GapState.LOST))

    after = acknowledge(state, a_range(6, 7))

    assert ranges(after.gaps, GapState.OPEN) == [(1, 2)]
    assert ranges(after.gaps, GapState.ACKNOWLEDGED) == [(6, 7)]
    assert ranges(after.gaps, GapState.LOST) == [(4, 5), (8, 9), (20, 20)]
    assert acknowledge(after, a_range(6, 7)) == after


def test_all_that_is_lost_is_acknowledged_also_of_ended_generations() -> None:
    ended = (a_state(0, 9, a_gap(2, 3, GapState.LOST)), a_state(0, 9, generation=1))
    state = a_state(0, 30, a_gap(4, 9, GapState.LOST), generation=2, ended=ended)

    after = acknowledge(state)
    of_one = acknowledge(state, generation=0)

    assert (after.in_gaps(GapState.LOST), after.lost) == (0, 6)
    assert ranges(after.ended[0].gaps, GapState.ACKNOWLEDGED) == [(2, 3)]
    assert after.ended[1] == ended[1]
    assert of_one.gaps == state.gaps
    assert of_one.ended == after.ended


def test_what_is_lost_beside_what_was_acknowledged_is_not_acknowledged() -> None:
    state = acknowledge(a_state(0, 30, a_gap(4, 5, GapState.LOST), a_gap(6, 9)))

    after = lose(state, the_hub(20), a_time(999))

    assert ranges(after.gaps, GapState.ACKNOWLEDGED) == [(4, 5)]
    assert ranges(after.gaps, GapState.LOST) == [(6, 9)]


@given(
    cuts=st.lists(st.integers(0, 39), unique=True, max_size=10),
    begins=st.lists(st.integers(0, 60), max_size=4),
    seen=st.lists(st.tuples(st.integers(0, 39), st.integers(0, 20)), max_size=4),
)
def test_acknowledging_in_any_order_keeps_every_number_lost_once(
    cuts: list[int], begins: list[int], seen: list[tuple[int, int]]
) -> None:
    state = a_state(0, 40, *(a_gap(number, number) for number in sorted(cuts)))

    for begin, (first, more) in zip(begins, seen, strict=False):
        before = lose(state, the_hub(begin), a_time(begin))
        state = acknowledge(before, a_range(first, first + more))
        assert (state.lost, state.head) == (before.lost, before.head)

    covered = [n for gap in state.gaps for n in range(gap.range.first, gap.range.last + 1)]
    assert sorted(covered) == sorted(set(covered)) == covered
    assert state.in_gaps(GapState.OPEN) + state.lost == len(covered)
    assert acknowledge(state).in_gaps(GapState.LOST) == 0

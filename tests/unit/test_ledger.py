from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events import EventBatch
from shared.ledger import (
    Counts,
    GapState,
    PartitionState,
    apply_commit,
    close_generation,
    plan_batch,
)
from tests.builders import a_batch, a_commit, a_gap, a_range, a_state, a_time

NOW: datetime = a_time(1000)


def commit(state: PartitionState, batch: EventBatch) -> PartitionState:
    """Plan and apply, as landing does."""
    plan = plan_batch(state, batch)
    if not plan.new:
        return apply_commit(plan, None, NOW)
    events = batch.select(plan.new)
    committed = a_commit(
        *plan.new, number=plan.base.commits + 1, last_enqueued_at=events[-1].enqueued_at
    )
    return apply_commit(plan, committed, NOW)


def missing(state: PartitionState) -> set[int]:
    return {n for gap in state.gaps for n in range(gap.range.first, gap.range.last + 1)}


def test_a_batch_that_starts_at_the_head_moves_it() -> None:
    state = a_state(0, 10)

    after = commit(state, a_batch(10, 14))

    assert (after.head, after.gaps, after.duplicates) == (15, (), 0)
    assert after.head_enqueued_at == a_time(14)
    assert after.total == Counts(landed=5)


def test_a_batch_past_the_head_moves_it_and_opens_a_gap_before_itself() -> None:
    after = commit(a_state(0, 10), a_batch(15, 19))

    assert after.head == 20
    assert [(gap.range, gap.state, gap.since) for gap in after.gaps] == [
        (a_range(10, 14), GapState.OPEN, NOW)
    ]


def test_a_batch_below_the_head_is_all_duplicates_where_no_gap_is() -> None:
    plan = plan_batch(a_state(0, 10), a_batch(3, 7))

    assert (plan.new, plan.duplicates) == ((), 5)


def test_an_overlapping_batch_brings_only_what_is_beyond_the_head() -> None:
    plan = plan_batch(a_state(0, 10), a_batch(8, 12))

    assert (plan.new, plan.duplicates) == ((a_range(10, 12),), 2)


def test_a_batch_fills_a_part_of_a_gap_and_leaves_the_rest_open() -> None:
    after = commit(a_state(0, 20, a_gap(5, 14)), a_batch(8, 10))

    assert [gap.range for gap in after.gaps] == [a_range(5, 7), a_range(11, 14)]
    assert (after.head, after.head_enqueued_at) == (20, a_time(19))


def test_a_batch_over_gaps_and_the_head_brings_all_that_is_new_at_once() -> None:
    state = a_state(0, 20, a_gap(5, 6), a_gap(10, 11))

    plan = plan_batch(state, a_batch(4, 24))

    assert plan.new == (a_range(5, 6), a_range(10, 11), a_range(20, 24))
    assert plan.duplicates == 12


def test_what_was_lost_and_comes_after_all_is_new() -> None:
    after = commit(a_state(0, 20, a_gap(5, 6, GapState.LOST)), a_batch(5, 6))

    assert after.gaps == ()


def test_numbers_below_the_start_were_never_committed_and_are_new() -> None:
    after = commit(a_state(100, 110), a_batch(90, 94, later=-100))

    assert (after.start, after.head) == (90, 110)
    assert [gap.range for gap in after.gaps] == [a_range(95, 99)]


def test_numbers_below_the_head_that_entered_later_are_a_new_generation() -> None:
    state = a_state(0, 1000, duplicates=7, commits=12)

    plan = plan_batch(state, a_batch(3, 7, later=5000))
    after = commit(state, a_batch(3, 7, later=5000))

    assert (plan.new, plan.duplicates) == ((a_range(3, 7),), 0)
    assert (after.generation, after.start, after.head) == (1, 0, 8)
    assert [gap.range for gap in after.gaps] == [a_range(0, 2)]
    assert (after.duplicates, after.commits) == (0, 13)


def test_numbers_below_the_head_that_entered_with_it_are_no_new_generation() -> None:
    plan = plan_batch(a_state(0, 10), a_batch(9, 9))

    assert (plan.base.generation, plan.duplicates) == (0, 1)


def test_a_generation_that_ends_loses_what_it_misses_and_says_since_when() -> None:
    closed = close_generation(a_state(0, 20, a_gap(5, 6), a_gap(9, 9, GapState.LOST)), NOW)

    assert [(gap.state, gap.since) for gap in closed.gaps] == [
        (GapState.LOST, NOW),
        (GapState.LOST, a_time()),
    ]


def test_counts_add_up_by_contract_and_reason() -> None:
    state = a_state(0, 1, counts={"a/1": Counts(landed=1, quarantined=1, reasons={"x": 1})})
    brought = {"a/1": Counts(landed=2, quarantined=2, reasons={"x": 1, "y": 1})}
    batch = replace(a_commit(a_range(1, 4)), counts=brought)

    after = apply_commit(plan_batch(state, a_batch(1, 4)), batch, NOW)

    assert after.counts == {"a/1": Counts(landed=3, quarantined=3, reasons={"x": 2, "y": 1})}


@given(
    batches=st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 12)).map(lambda b: (b[0], b[0] + b[1])),
        max_size=25,
    ),
    start=st.integers(0, 20),
)
def test_any_batches_leave_committed_and_gaps_disjoint_and_exactly_start_to_head(
    batches: list[tuple[int, int]], start: int
) -> None:
    state = a_state(start, start)
    committed: list[int] = []
    delivered: set[int] = set()

    for first, last in batches:
        batch = a_batch(first, last, later=-1000)
        plan = plan_batch(state, batch)
        committed += [event.sequence_number for event in batch.select(plan.new)]
        delivered |= set(range(first, last + 1))
        state = commit(state, batch)

        assert len(committed) == len(set(committed))
        assert set(committed).isdisjoint(missing(state))
        assert set(committed) | missing(state) == set(range(state.start, state.head))

    assert set(committed) == delivered
    assert state.total.landed == len(committed)
    assert state.duplicates == sum(b - a + 1 for a, b in batches) - len(committed)


@pytest.mark.parametrize("cut", range(1, 10))
def test_every_way_to_cut_a_sequence_leaves_the_same_state(cut: int) -> None:
    whole = commit(a_state(), a_batch(0, 9))

    in_two = commit(commit(a_state(), a_batch(0, cut - 1)), a_batch(cut, 9))

    assert replace(in_two, commits=whole.commits) == whole

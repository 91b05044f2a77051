from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ledger.batch import Counts
from shared.ledger.partition import GapState, Generation
from shared.ledger.planning import apply_commit, plan_batch
from tests.builders import (
    a_batch,
    a_commit,
    a_gap,
    a_partition,
    a_range,
    a_time,
)
from tests.unit.shared.ledger.steps import NOW, commit


def missing(generation: Generation) -> set[int]:
    return {n for gap in generation.gaps for n in range(gap.range.first, gap.range.last + 1)}


def test_a_batch_that_starts_at_the_head_moves_it() -> None:
    after = commit(a_partition(0, 10), a_batch(10, 14)).current

    assert (after.head, after.gaps, after.duplicates) == (15, (), 0)
    assert after.head_enqueued_at == a_time(14)
    assert after.total == Counts(landed=5)


def test_a_batch_past_the_head_moves_it_and_opens_a_gap_before_itself() -> None:
    after = commit(a_partition(0, 10), a_batch(15, 19)).current

    assert after.head == 20
    assert [(gap.range, gap.state, gap.since) for gap in after.gaps] == [
        (a_range(10, 14), GapState.OPEN, NOW)
    ]


def test_a_batch_below_the_head_is_all_duplicates_where_no_gap_is() -> None:
    plan = plan_batch(a_partition(0, 10), a_batch(3, 7))

    assert (plan.new, plan.duplicates) == ((), 5)


def test_an_overlapping_batch_brings_only_what_is_beyond_the_head() -> None:
    plan = plan_batch(a_partition(0, 10), a_batch(8, 12))

    assert (plan.new, plan.duplicates) == ((a_range(10, 12),), 2)


def test_a_batch_fills_a_part_of_a_gap_and_leaves_the_rest_open() -> None:
    after = commit(a_partition(0, 20, a_gap(5, 14)), a_batch(8, 10)).current

    assert [gap.range for gap in after.gaps] == [a_range(5, 7), a_range(11, 14)]
    assert (after.head, after.head_enqueued_at) == (20, a_time(19))


def test_a_batch_over_gaps_and_the_head_brings_all_that_is_new_at_once() -> None:
    partition = a_partition(0, 20, a_gap(5, 6), a_gap(10, 11))

    plan = plan_batch(partition, a_batch(4, 24))

    assert plan.new == (a_range(5, 6), a_range(10, 11), a_range(20, 24))
    assert plan.duplicates == 12


def test_what_was_lost_and_comes_after_all_is_new() -> None:
    after = commit(a_partition(0, 20, a_gap(5, 6, GapState.LOST)), a_batch(5, 6))

    assert after.current.gaps == ()


def test_numbers_below_the_start_were_never_committed_and_are_new() -> None:
    after = commit(a_partition(100, 110), a_batch(90, 94, later=-100)).current

    assert (after.start, after.head) == (90, 110)
    assert [gap.range for gap in after.gaps] == [a_range(95, 99)]


def test_counts_add_up_by_contract_and_reason() -> None:
    partition = a_partition(0, 1, counts={"a/1": Counts(landed=1, quarantined=1, reasons={"x": 1})})
    brought = {"a/1": Counts(landed=2, quarantined=2, reasons={"x": 1, "y": 1})}
    batch = replace(a_commit(a_range(1, 4)), counts=brought)

    after = apply_commit(plan_batch(partition, a_batch(1, 4)), batch, NOW)

    assert after.current.counts == {
        "a/1": Counts(landed=3, quarantined=3, reasons={"x": 2, "y": 1})
    }


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
    partition = a_partition(start, start)
    committed: list[int] = []
    delivered: set[int] = set()

    for first, last in batches:
        batch = a_batch(first, last, later=-1000)
        plan = plan_batch(partition, batch)
        committed += [event.sequence_number for event in batch.select(plan.new)]
        delivered |= set(range(first, last + 1))
        partition = commit(partition, batch)

        assert len(committed) == len(set(committed))
        current = partition.current
        assert set(committed).isdisjoint(missing(current))
        assert set(committed) | missing(current) == set(range(current.start, current.head))

    assert set(committed) == delivered
    assert partition.current.total.landed == len(committed)
    assert partition.current.duplicates == sum(b - a + 1 for a, b in batches) - len(committed)


@pytest.mark.parametrize("cut", range(1, 10))
def test_every_way_to_cut_a_sequence_leaves_the_same_partition(cut: int) -> None:
    whole = commit(a_partition(), a_batch(0, 9))

    in_two = commit(commit(a_partition(), a_batch(0, cut - 1)), a_batch(cut, 9))

    assert replace(in_two, commits=whole.commits) == whole

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.hub.events import EventBatch
from shared.ledger.batch import Counts
from shared.ledger.generations import (
    HubWitness,
    begin_generation,
    close_generation,
    needs_witness,
    with_closed,
)
from shared.ledger.partition import GapState, Generation, Partition
from shared.ledger.planning import apply_commit, plan_batch
from tests.builders import (
    a_batch,
    a_batch_of,
    a_commit,
    a_gap,
    a_generation,
    a_partition,
    a_range,
    a_time,
    an_event,
)

NOW: datetime = a_time(1000)


def commit(partition: Partition, batch: EventBatch) -> Partition:
    """Plan and apply, as landing does."""
    plan = plan_batch(partition, batch)
    if not plan.new:
        return apply_commit(plan, None, NOW)
    events = batch.select(plan.new)
    committed = a_commit(
        *plan.new, number=plan.partition.commits + 1, last_enqueued_at=events[-1].enqueued_at
    )
    return apply_commit(plan, committed, NOW)


def of_hub_made(partition: Partition, at: datetime) -> Partition:
    """The partition, of whose hub it is known when it was made."""
    return replace(partition, current=replace(partition.current, hub_created_at=at))


def a_witness(*, created_at: float, holds_first: bool | None = True) -> HubWitness:
    return HubWitness(hub_created_at=a_time(created_at), holds_first=holds_first)


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


def test_numbers_below_the_head_that_entered_later_are_a_new_generation() -> None:
    partition = a_partition(0, 1000, duplicates=7, commits=12)

    plan = plan_batch(partition, a_batch(3, 7, later=5000))
    after = commit(partition, a_batch(3, 7, later=5000))

    assert (plan.new, plan.duplicates) == ((a_range(3, 7),), 0)
    begun = after.current
    assert (begun.number, begun.start, begun.head) == (1, 0, 8)
    assert [gap.range for gap in begun.gaps] == [a_range(0, 2)]
    assert (begun.duplicates, after.commits) == (0, 13)


def test_numbers_below_the_head_that_entered_with_it_are_no_new_generation() -> None:
    plan = plan_batch(a_partition(0, 10), a_batch(9, 9))

    assert (plan.generation.number, plan.duplicates) == (0, 1)


def test_the_latest_time_of_a_batch_counts_wherever_in_it_the_clock_stepped_back() -> None:
    stepped = a_batch_of(an_event(0), an_event(1, enqueued_at=a_time(900)), an_event(2))

    after = commit(a_partition(), stepped).current

    assert (after.head_enqueued_at, after.latest_enqueued_at) == (a_time(2), a_time(900))


def test_a_redelivery_of_what_entered_before_the_clock_stepped_back_is_duplicates() -> None:
    partition = commit(commit(a_partition(), a_batch(0, 4, later=3600)), a_batch(5, 9))

    plan = plan_batch(partition, a_batch(0, 3, later=3600))

    assert (plan.generation.number, plan.new, plan.duplicates) == (0, (), 4)


def test_a_batch_that_goes_on_or_is_too_old_for_a_new_hub_needs_no_witness() -> None:
    partition = commit(a_partition(), a_batch(0, 9, later=8000))
    old = commit(a_partition(head=10), a_batch(10, 10, later=9000))

    assert not needs_witness(partition, a_batch(10, 12, later=8000))
    assert not needs_witness(partition, a_batch(8, 12, later=8000))
    assert not needs_witness(old, a_batch(3, 5))


def test_a_batch_that_may_be_of_another_hub_needs_a_witness() -> None:
    partition = commit(a_partition(), a_batch(0, 9))

    assert needs_witness(partition, a_batch(0, 3, later=50))
    assert needs_witness(partition, a_batch(12, 14))
    assert needs_witness(partition, a_batch(10, 12, later=11))
    assert needs_witness(partition, a_batch(10, 12, later=-5))


def test_a_new_hub_whose_clock_stepped_back_is_known_by_what_the_hub_says() -> None:
    partition = of_hub_made(commit(a_partition(), a_batch(0, 9, later=3600)), a_time())

    plan = plan_batch(partition, a_batch(0, 3, later=100), a_witness(created_at=90))

    assert (plan.generation.number, plan.generation.hub_created_at) == (1, a_time(90))
    assert (plan.new, plan.duplicates) == ((a_range(0, 3),), 0)


def test_a_gap_that_entered_before_the_clock_stepped_back_is_filled() -> None:
    partition = of_hub_made(commit(a_partition(), a_batch(5, 9)), a_time(-60))

    plan = plan_batch(partition, a_batch(0, 4, later=3000), a_witness(created_at=-60))

    assert (plan.generation.number, plan.new) == (0, (a_range(0, 4),))


def test_a_batch_with_the_heads_own_event_in_it_is_no_new_generation() -> None:
    before = a_batch(0, 0, later=3600)
    partition = commit(commit(a_partition(), before), a_batch(2, 2))

    both = a_batch_of(an_event(1, enqueued_at=a_time(3602)), an_event(2))

    assert plan_batch(partition, both).new == (a_range(1, 1),)


def test_a_late_batch_of_an_ended_generation_is_committed_to_it() -> None:
    ended = commit(commit(a_partition(), a_batch(0, 4)), a_batch(8, 9))
    partition = commit(ended, a_batch(0, 2, later=5000))

    after = commit(partition, a_batch(4, 12))

    assert (after.current.number, after.current.head, after.commits) == (1, 3, 4)
    assert [(old.number, old.head, old.gaps) for old in after.ended] == [(0, 13, ())]
    assert after.ended[0].total == Counts(landed=13)


def test_what_a_late_batch_skips_of_an_ended_generation_is_lost() -> None:
    partition = commit(commit(a_partition(), a_batch(0, 4)), a_batch(0, 3, later=5000))
    known = of_hub_made(partition, a_time(4000))

    after = commit(known, a_batch(7, 9))

    assert [(gap.range, gap.state) for gap in after.ended[0].gaps] == [
        (a_range(5, 6), GapState.LOST)
    ]


def test_a_late_batch_of_a_hub_that_the_ledger_never_knew_changes_no_numbers() -> None:
    partition = a_partition(hub_created_at=a_time(100))

    plan = plan_batch(partition, a_batch(0, 3), a_witness(created_at=100, holds_first=False))

    assert (plan.new, plan.duplicates) == ((), 4)


def test_what_the_hub_says_is_kept_where_it_was_not_known() -> None:
    after = plan_batch(a_partition(0, 10), a_batch(5, 12), a_witness(created_at=-5))

    assert after.generation.hub_created_at == a_time(-5)


def test_a_generation_is_begun_by_what_the_hub_says_before_anything_of_it_came() -> None:
    partition = a_partition(0, 20, a_gap(5, 6), commits=3)

    after = begin_generation(partition, a_time(90), NOW)

    begun = after.current
    assert (begun.number, begun.head, after.commits, begun.hub_created_at) == (
        1,
        0,
        3,
        a_time(90),
    )
    assert after.ended == (close_generation(partition.current, NOW),)


def test_ended_generations_are_shown_with_what_came_late() -> None:
    partition = commit(commit(a_partition(), a_batch(0, 4)), a_batch(0, 3, later=5000))
    closed = partition.ended

    shown = with_closed(commit(partition, a_batch(3, 6)), closed)

    assert [(old.number, old.head) for old in shown.ended] == [(0, 7)]


def test_an_ended_generation_that_only_its_own_row_has_is_shown() -> None:
    stored = a_generation(0, 7, number=0)

    shown = with_closed(a_partition(0, 4, number=1), [stored])

    assert shown.ended == (stored,)


def test_a_generation_that_ends_loses_what_it_misses_and_says_since_when() -> None:
    closed = close_generation(a_generation(0, 20, a_gap(5, 6), a_gap(9, 9, GapState.LOST)), NOW)

    assert [(gap.state, gap.since) for gap in closed.gaps] == [
        (GapState.LOST, NOW),
        (GapState.LOST, a_time()),
    ]


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

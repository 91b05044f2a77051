from shared.ledger.batch import Counts
from shared.ledger.generations import (
    begin_generation,
    close_generation,
    needs_witness,
    with_closed,
)
from shared.ledger.partition import GapState
from shared.ledger.planning import plan_batch
from tests.builders import (
    a_batch,
    a_batch_of,
    a_gap,
    a_generation,
    a_partition,
    a_range,
    a_time,
    an_event,
)
from tests.unit.shared.ledger.steps import NOW, a_witness, commit, of_hub_made


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

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from shared.hub.properties import HubPartition
from shared.ledger.gaps import find_missing, lose, mark
from shared.ledger.partition import Gap, GapState, Generation
from tests.builders import a_gap, a_generation, a_partition, a_range, a_time, an_address

LATER = a_time(999)


def the_hub(begin: int, last: int) -> HubPartition:
    return HubPartition(
        address=an_address(),
        begin=begin,
        last_enqueued=last,
        last_enqueued_at=a_time(last),
        created_at=a_time(0),
    )


def ranges(gaps: tuple[Gap, ...], state: GapState) -> list[tuple[int, int]]:
    return [(gap.range.first, gap.range.last) for gap in gaps if gap.state is state]


def test_open_gaps_are_missing_and_lost_ones_are_not() -> None:
    generation = a_generation(0, 30, a_gap(3, 5), a_gap(7, 7, GapState.LOST), a_gap(10, 12))

    missing = find_missing(generation, the_hub(0, 29), is_stuck=True)

    assert missing == [a_range(3, 5), a_range(10, 12)]


def test_of_a_gap_only_what_the_hub_still_holds_can_be_read() -> None:
    missing = find_missing(a_generation(0, 30, a_gap(3, 9)), the_hub(6, 29), is_stuck=False)

    assert missing == [a_range(6, 9)]


def test_what_is_beyond_a_head_that_moves_is_left_to_the_trigger() -> None:
    generation = a_generation(0, 10)

    assert find_missing(generation, the_hub(0, 29), is_stuck=False) == []
    assert find_missing(generation, the_hub(0, 29), is_stuck=True) == [a_range(10, 29)]


def test_a_partition_from_which_nothing_ever_came_is_missing_from_its_start() -> None:
    missing = find_missing(a_generation(5, 5), the_hub(5, 9), is_stuck=True)

    assert missing == [a_range(5, 9)]


def test_an_empty_partition_misses_nothing() -> None:
    assert find_missing(a_generation(0, 0), the_hub(0, -1), is_stuck=True) == ()


def test_what_retention_took_of_a_gap_is_lost_and_the_rest_stays_open() -> None:
    after = lose(a_generation(0, 30, a_gap(3, 9)), the_hub(6, 29), LATER)

    assert ranges(after.gaps, GapState.LOST) == [(3, 5)]
    assert ranges(after.gaps, GapState.OPEN) == [(6, 9)]
    assert after.gaps[0].since == LATER


def test_what_retention_took_beyond_the_head_is_lost_and_the_head_follows() -> None:
    after = lose(a_generation(0, 10), the_hub(20, 29), LATER)

    assert (after.head, ranges(after.gaps, GapState.LOST)) == (20, [(10, 19)])


def test_where_nothing_is_gone_the_generation_stays_as_it_is() -> None:
    generation = a_generation(0, 30, a_gap(7, 9), a_gap(1, 2, GapState.LOST))

    assert lose(generation, the_hub(5, 29), LATER) is generation


def test_a_hub_made_anew_loses_nothing_of_the_old_one() -> None:
    generation = a_generation(50, 90, a_gap(60, 69))

    assert lose(generation, the_hub(0, 3), LATER) is generation


@given(
    begin=st.integers(0, 60),
    extra=st.integers(0, 30),
    cuts=st.lists(st.integers(0, 39), unique=True, max_size=8),
)
def test_losing_conserves_every_number(begin: int, extra: int, cuts: list[int]) -> None:
    gaps = tuple(a_gap(number, number) for number in sorted(cuts))
    generation = replace(a_generation(0, 40), gaps=gaps)

    after = lose(generation, the_hub(begin, max(begin, 40) + extra), LATER)

    committed = committed_numbers(generation)
    assert committed_numbers(after) == committed
    assert set(missing_numbers(after, GapState.LOST)) == {
        n for n in range(after.head) if n not in committed and n < begin
    }
    assert lose(after, the_hub(begin, max(begin, 40) + extra), LATER) is after


def missing_numbers(generation: Generation, kind: GapState) -> list[int]:
    return [
        n
        for gap in generation.gaps
        if gap.state is kind
        for n in range(gap.range.first, gap.range.last + 1)
    ]


def committed_numbers(generation: Generation) -> set[int]:
    gaps = {
        *missing_numbers(generation, GapState.OPEN),
        *missing_numbers(generation, GapState.LOST),
    }
    return set(range(generation.start, generation.head)) - gaps


def test_what_the_hub_was_seen_to_hold_beyond_the_head_is_lost_when_it_is_made_anew() -> None:
    partition = a_partition(0, 10, a_gap(3, 4), hub_created_at=a_time(0))
    seen, _ = mark(partition, the_hub(0, 29), LATER)
    anew = replace(the_hub(0, 5), created_at=a_time(500))

    after, closed = mark(seen, anew, LATER)

    assert closed is not None
    assert (closed.head, ranges(closed.gaps, GapState.LOST)) == (30, [(3, 4), (10, 29)])
    assert (after.current.number, after.current.head, after.ended) == (1, 0, (closed,))


def test_what_landed_since_it_was_seen_is_not_lost_with_the_hub() -> None:
    seen, _ = mark(a_partition(0, 10, hub_created_at=a_time(0)), the_hub(0, 29), LATER)
    landed = seen.with_generation(replace(seen.current, head=40))

    _, closed = mark(landed, replace(the_hub(0, 5), created_at=a_time(500)), LATER)

    assert closed is not None
    assert (closed.head, closed.gaps) == (40, ())


def test_a_hub_that_is_not_ahead_changes_nothing() -> None:
    partition = a_partition(0, 30, hub_created_at=a_time(0))

    assert mark(partition, the_hub(0, 29), LATER) == (partition, None)

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.hub.sequence_range import SequenceRange, consecutive_ranges
from tests.builders import a_batch, a_batch_of, a_range, an_event

ranges = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(
    lambda pair: a_range(min(pair), max(pair))
)


def numbers(*parts: SequenceRange | None) -> set[int]:
    return {n for part in parts if part for n in range(part.first, part.last + 1)}


@given(one=ranges, other=ranges)
def test_an_intersection_and_what_is_left_make_the_range_again(
    one: SequenceRange, other: SequenceRange
) -> None:
    common, left = one.intersection(other), one.without(other)

    assert numbers(common) == numbers(one) & numbers(other)
    assert numbers(*left) == numbers(one) - numbers(other)


@given(st.sets(st.integers(0, 40)))
def test_folding_numbers_into_ranges_loses_none_and_leaves_no_neighbors(
    sequence_numbers: set[int],
) -> None:
    folded = consecutive_ranges(sorted(sequence_numbers))

    assert numbers(*folded) == sequence_numbers
    assert all(a.last + 1 < b.first for a, b in pairwise(folded))


def test_an_empty_range_is_refused() -> None:
    with pytest.raises(ValueError, match="5-4 is empty"):
        SequenceRange(first=5, last=4)


@pytest.mark.parametrize("order", [(2, 1), (1, 1), ()])
def test_a_batch_whose_numbers_do_not_increase_is_refused(order: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="do not increase"):
        a_batch_of(*(an_event(n) for n in order))


def test_a_batch_selects_the_events_of_ranges_in_order() -> None:
    batch = a_batch(10, 20)

    chosen = batch.select([a_range(19, 25), a_range(11, 12)])

    assert [event.sequence_number for event in chosen] == [11, 12, 19, 20]
    assert (batch.first, batch.last, batch.ranges) == (10, 20, (a_range(10, 20),))


@given(
    st.lists(st.integers(0, 30), min_size=1, unique=True).map(sorted),
    st.lists(st.integers(0, 30), unique=True).map(sorted).map(consecutive_ranges),
)
def test_a_batch_with_holes_gives_the_events_that_it_has(
    numbers: list[int], wanted: tuple[SequenceRange, ...]
) -> None:
    batch = a_batch_of(*map(an_event, numbers))

    selected = [event.sequence_number for event in batch.select(wanted)]
    assert selected == [n for n in numbers if any(n in part for part in wanted)]
    assert batch.ranges == consecutive_ranges(numbers)
    assert [n for n in range(31) if batch.find(n) == an_event(n)] == numbers

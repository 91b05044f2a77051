from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.hub.sequence_range import SequenceRange, consecutive_ranges
from tests.builders import a_range

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

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.hub.sequence_range import SequenceRange, consecutive_ranges
from tests.builders import a_batch, a_batch_of, a_range, an_event


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

from hypothesis import given
from hypothesis import strategies as st

from shared.hub.properties import HubPartition
from shared.ledger.gaps import lose
from shared.ledger.losses import acknowledge
from shared.ledger.partition import Gap, GapState
from tests.builders import a_gap, a_generation, a_partition, a_range, a_time, an_address


def the_hub(begin: int) -> HubPartition:
    return HubPartition(
        address=an_address(),
        begin=begin,
        last_enqueued=99,
        last_enqueued_at=a_time(99),
        created_at=a_time(),
    )


def ranges(gaps: tuple[Gap, ...], state: GapState) -> list[tuple[int, int]]:
    return [(gap.range.first, gap.range.last) for gap in gaps if gap.state is state]


def test_what_retention_takes_bit_by_bit_is_one_gap_that_is_lost_since_the_first() -> None:
    generation = a_generation(0, 10, a_gap(2, 8))

    for begin in (3, 5, 7, 12):
        generation = lose(generation, the_hub(begin), a_time(begin))

    assert ranges(generation.gaps, GapState.LOST) == [(2, 8), (10, 11)]
    assert [gap.since for gap in generation.gaps] == [a_time(3), a_time(12)]


def test_what_is_acknowledged_is_a_part_of_what_is_lost() -> None:
    lost = (a_gap(4, 9, GapState.LOST), a_gap(20, 20, GapState.LOST))
    partition = a_partition(0, 30, a_gap(1, 2), *lost)

    after = acknowledge(partition, a_range(6, 7))

    gaps = after.current.gaps
    assert ranges(gaps, GapState.OPEN) == [(1, 2)]
    assert ranges(gaps, GapState.ACKNOWLEDGED) == [(6, 7)]
    assert ranges(gaps, GapState.LOST) == [(4, 5), (8, 9), (20, 20)]
    assert acknowledge(after, a_range(6, 7)) == after


def test_all_that_is_lost_is_acknowledged_also_of_ended_generations() -> None:
    ended = (a_generation(0, 9, a_gap(2, 3, GapState.LOST)), a_generation(0, 9, number=1))
    partition = a_partition(0, 30, a_gap(4, 9, GapState.LOST), number=2, ended=ended)

    after = acknowledge(partition)
    of_one = acknowledge(partition, generation=0)

    assert (after.current.in_gaps(GapState.LOST), after.current.lost) == (0, 6)
    assert ranges(after.ended[0].gaps, GapState.ACKNOWLEDGED) == [(2, 3)]
    assert after.ended[1] == ended[1]
    assert of_one.current == partition.current
    assert of_one.ended == after.ended


def test_what_is_lost_beside_what_was_acknowledged_is_not_acknowledged() -> None:
    partition = acknowledge(a_partition(0, 30, a_gap(4, 5, GapState.LOST), a_gap(6, 9)))

    after = lose(partition.current, the_hub(20), a_time(999))

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
    partition = a_partition(0, 40, *(a_gap(number, number) for number in sorted(cuts)))

    for begin, (first, more) in zip(begins, seen, strict=False):
        before = lose(partition.current, the_hub(begin), a_time(begin))
        partition = acknowledge(partition.with_generation(before), a_range(first, first + more))
        current = partition.current
        assert (current.lost, current.head) == (before.lost, before.head)

    gaps = partition.current.gaps
    covered = [n for gap in gaps for n in range(gap.range.first, gap.range.last + 1)]
    assert sorted(covered) == sorted(set(covered)) == covered
    assert partition.current.in_gaps(GapState.OPEN) + partition.current.lost == len(covered)
    assert acknowledge(partition).current.in_gaps(GapState.LOST) == 0

from dataclasses import replace

from shared.ledger.batch import Counts
from shared.ledger.partition import GapState
from tests.builders import a_gap, a_generation, a_partition, a_place

FIRST, SECOND = a_generation(0, 9), a_generation(0, 20, number=1)
PARTITION = a_partition(0, 5, number=2, ended=(FIRST, SECOND), commits=7)


def test_its_generations_are_in_order_with_the_current_at_the_end() -> None:
    assert [known.number for known in PARTITION.generations] == [0, 1, 2]


def test_a_generation_is_found_by_its_number_whether_it_has_ended_or_not() -> None:
    assert PARTITION.find_generation(0) is FIRST
    assert PARTITION.find_generation(1) is SECOND
    assert PARTITION.find_generation(2) is PARTITION.current
    assert PARTITION.find_generation(3) is None


def test_a_generation_that_ended_before_heads_kept_them_is_not_found() -> None:
    assert a_partition(0, 5, number=1).find_generation(0) is None


def test_the_current_generation_is_changed_and_the_rest_stays() -> None:
    changed = replace(PARTITION.current, head=6)

    after = PARTITION.with_generation(changed)

    assert after == replace(PARTITION, current=changed)


def test_an_ended_generation_is_changed_and_the_rest_stays() -> None:
    changed = replace(FIRST, duplicates=4)

    after = PARTITION.with_generation(changed)

    assert after == replace(PARTITION, ended=(changed, SECOND))


def test_the_place_of_a_generation_is_the_partitions_with_its_number() -> None:
    assert PARTITION.place(SECOND) == a_place(generation=1)


def test_a_generation_adds_up_its_contracts_and_its_gaps() -> None:
    counts = {"a/1": Counts(landed=3, quarantined=1), "b/1": Counts(landed=4)}
    gaps = (
        a_gap(1, 2),
        a_gap(4, 6, GapState.LOST),
        a_gap(8, 8, GapState.ACKNOWLEDGED),
    )
    generation = a_generation(0, 20, *gaps, counts=counts)

    assert generation.total == Counts(landed=7, quarantined=1)
    assert (generation.in_gaps(GapState.OPEN), generation.lost) == (2, 4)

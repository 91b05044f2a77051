import pytest

from shared.hub.address import PartitionAddress
from shared.landing.orphans import find_orphans
from shared.landing.path import LandingPath
from shared.ledger.partition import GapState, Partition
from tests.builders import a_gap, a_generation, a_partition, a_range, a_time


def a_path(first: int, last: int, *, generation: int = 0, hub: str = "hub") -> str:
    return str(
        LandingPath(
            contract=None,
            enqueued_at=a_time(0),
            address=PartitionAddress(hub=hub, partition_id="0"),
            generation=generation,
            range=a_range(first, last),
            digest="0123abcd",
        )
    )


def is_orphan(path: str, partition: Partition, *named: str) -> bool:
    return list(find_orphans([path], partition, named)) == [path]


def test_what_a_redrive_is_about_to_commit_is_no_orphan() -> None:
    path, ended = a_path(0, 9), a_path(0, 9, generation=0)

    assert is_orphan(path, a_partition(0, 20))
    assert not is_orphan(path, a_partition(0, 20, redriving=(path,)))
    assert not is_orphan(
        ended, a_partition(0, 20, number=1, ended=(a_generation(0, 20, redriving=(ended,)),))
    )


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        pytest.param(0, 9, True, id="both ends committed"),
        pytest.param(25, 39, True, id="the first committed"),
        pytest.param(15, 25, True, id="the last committed"),
        pytest.param(30, 39, False, id="beyond the head"),
        pytest.param(12, 17, False, id="in an open gap"),
        pytest.param(12, 30, False, id="from a gap to beyond the head, around committed ones"),
    ],
)
def test_a_file_is_an_orphan_once_an_end_of_its_batch_is_committed_elsewhere(
    first: int, last: int, expected: bool
) -> None:
    partition = a_partition(0, 30, a_gap(10, 19))

    assert is_orphan(a_path(first, last), partition) is expected


def test_what_retention_took_may_still_come() -> None:
    assert not is_orphan(a_path(3, 5), a_partition(0, 30, a_gap(3, 5, GapState.LOST)))


def test_a_file_that_a_batch_names_is_none() -> None:
    path = a_path(0, 9)

    assert not is_orphan(path, a_partition(0, 30), path)


def test_a_file_of_an_ended_generation_is_held_against_that_one() -> None:
    partition = a_partition(0, 5, number=1, ended=(a_generation(0, 30),))

    assert is_orphan(a_path(10, 19, generation=0), partition)
    assert not is_orphan(a_path(10, 19, generation=1), partition)
    assert not is_orphan(a_path(0, 3, generation=2), partition)


def test_what_is_not_ours_is_left_alone() -> None:
    assert not is_orphan("bronze/x/v=1/notes.txt", a_partition(0, 30))
    assert not is_orphan(a_path(0, 9, hub="other"), a_partition(0, 30))

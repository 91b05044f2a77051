import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.hub.address import GenerationAddress, PartitionAddress
from tests.builders import a_place, an_address

ADDRESSES = st.builds(
    PartitionAddress,
    hub=st.sampled_from(["a", "a-b", "b"]),
    partition_id=st.integers(0, 2000).map(str),
)


def test_a_partition_is_written_with_three_digits_or_more() -> None:
    assert str(an_address("3")) == "hub/p003"
    assert str(an_address("1999")) == "hub/p1999"


def test_an_upload_stands_in_place_of_a_partitions_number() -> None:
    upload = PartitionAddress(hub="dropzone", partition_id="0fe1")

    assert str(upload) == "dropzone/p0fe1"


def test_a_table_key_has_five_digits() -> None:
    assert an_address("3").table_key == "hub:00003"


def test_a_batch_id_names_its_partition_and_its_numbers() -> None:
    assert an_address("3").batch_id(5, 12) == "hub/p003/5-12"


def test_partition_2_sorts_before_partition_10() -> None:
    shuffled = [an_address(number) for number in ("10", "2", "1")]

    assert [address.partition_id for address in sorted(shuffled)] == ["1", "2", "10"]


@given(one=ADDRESSES, other=ADDRESSES)
def test_a_hubs_partitions_sort_as_their_table_keys_do(
    one: PartitionAddress, other: PartitionAddress
) -> None:
    assert (one < other) == ((one.hub, one.table_key) < (other.hub, other.table_key))
    assert (one == other) == (str(one) == str(other)) == (one.table_key == other.table_key)


def test_a_generation_is_written_behind_its_partition() -> None:
    assert str(a_place("3", 12)) == "hub/p003 g12"


def test_generations_sort_by_partition_and_then_by_number() -> None:
    shuffled = [a_place("10", 0), a_place("2", 10), a_place("2", 9)]

    assert [str(place) for place in sorted(shuffled)] == [
        "hub/p002 g9",
        "hub/p002 g10",
        "hub/p010 g0",
    ]


@pytest.mark.parametrize("place", [a_place("3", 1), a_place("4", 0)])
def test_another_partition_or_generation_is_another_place(place: GenerationAddress) -> None:
    assert place != a_place("3", 0)
    assert len({place, a_place("3", 0), a_place("3", 0)}) == 2

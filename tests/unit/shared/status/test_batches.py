import pytest

from shared.errors import BadRequestError
from shared.status.batches import BatchesQuery, batches_document, parse_batches_query
from tests.builders import a_commit, a_range

QUERY = BatchesQuery(hub=None, partition_id="0", from_sequence_number=0, limit=2)


def test_a_query_has_a_partition_and_defaults() -> None:
    query = parse_batches_query({"partition": "3"})

    assert query == BatchesQuery(hub=None, partition_id="3", from_sequence_number=0, limit=100)


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({}, "partition"),
        ({"partition": "x"}, "partition"),
        ({"partition": "-1"}, "partition"),
        ({"partition": "²"}, "partition"),
        ({"partition": "0", "from": "1.5"}, "from"),
        ({"partition": "0", "from": "9" * 30}, "from"),
        ({"partition": "0", "limit": "1001"}, "limit"),
        ({"partition": "0", "limit": "0"}, "limit"),
    ],
)
def test_a_parameter_that_is_no_number_in_range_is_named(
    parameters: dict[str, str], name: str
) -> None:
    with pytest.raises(BadRequestError, match=f"parameter '{name}' must be a number"):
        parse_batches_query(parameters)


@pytest.mark.parametrize("hub", ["a/b", "x' or '1' eq '1", "-"])
def test_a_hub_that_is_no_name_is_refused(hub: str) -> None:
    with pytest.raises(BadRequestError, match="parameter 'hub' must be the name of a hub"):
        parse_batches_query({"partition": "0", "hub": hub})


def test_a_full_page_says_where_the_next_one_starts() -> None:
    batches = [a_commit(a_range(0, 4)), a_commit(a_range(5, 9))]

    assert batches_document(QUERY, batches)["next"] == 6
    assert batches_document(QUERY, batches[:1])["next"] is None


def test_a_page_that_a_redrive_made_longer_is_full() -> None:
    redrive = a_commit(a_range(5, 5), number=3, is_redrive=True)
    batches = [a_commit(a_range(0, 4)), a_commit(a_range(5, 9)), redrive]

    document = batches_document(QUERY, batches)

    assert document["next"] == 6
    assert [shown["is_redrive"] for shown in document["batches"]] == [False, False, True]


def test_a_batch_is_shown_with_its_files_counts_and_hashes() -> None:
    document = batches_document(QUERY, [a_commit(a_range(0, 1), a_range(5, 9))])

    shown = document["batches"][0]
    assert (shown["first"], shown["last"], shown["landed"], shown["quarantined"]) == (0, 9, 7, 0)
    assert shown["ranges"] == [{"first": 0, "last": 1}, {"first": 5, "last": 9}]
    assert shown["files"][0]["sha256"] == "ab" * 32

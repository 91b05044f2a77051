from dataclasses import replace

import pytest

from shared.adapters.ledger_store import TableLedger
from shared.adapters.tables import open_tables
from shared.errors import DependencyUnavailableError
from shared.ledger.batch import Counts
from shared.ledger.partition import Partition
from shared.ledger.store import Commit, LedgerStore, StoredPartition
from shared.settings import Endpoint
from tests.builders import a_commit, a_gap, a_partition, a_range, an_address
from tests.memory import MemoryLedger

NO_CREDENTIAL = None
HERE = an_address()


@pytest.fixture(params=["memory", "tables"])
def ledger(request: pytest.FixtureRequest) -> LedgerStore:
    if request.param == "memory":
        return MemoryLedger()
    return open_ledger(request.getfixturevalue("azurite").connection_string, table_name(request))


def table_name(request: pytest.FixtureRequest) -> str:
    return f"t{abs(hash(request.node.name))}"[:60]


def open_ledger(connection_string: str, table: str) -> TableLedger:
    endpoint = Endpoint(value=connection_string, is_connection_string=True)
    return TableLedger(open_tables(endpoint, NO_CREDENTIAL), table)


def moved(stored: StoredPartition, head: int, commits: int) -> Partition:
    current = replace(stored.partition.current, head=head)
    return replace(stored.partition, current=current, commits=commits)


def commit(ledger: LedgerStore, stored: StoredPartition, first: int, last: int) -> StoredPartition:
    number = stored.partition.commits + 1
    partition = moved(stored, last + 1, number)
    after = ledger.commit(
        stored, Commit(partition=partition, batch=a_commit(a_range(first, last), number=number))
    )
    assert after is not None
    return after


def test_a_ledger_without_anything_reads_as_nothing(ledger: LedgerStore) -> None:
    assert ledger.read(HERE) is None
    assert list(ledger.list_partitions()) == []
    assert list(ledger.list_batches(HERE, 0, 10)) == []


def test_a_head_is_made_once_and_then_returned_as_it_is(ledger: LedgerStore) -> None:
    made = ledger.create(a_partition(5, 5))

    again = ledger.create(a_partition(9, 9))

    assert made.partition == again.partition == a_partition(5, 5)
    assert ledger.read(HERE) == made


def test_a_commit_replaces_the_partition_and_adds_the_batch(ledger: LedgerStore) -> None:
    after = commit(ledger, ledger.create(a_partition()), 0, 4)

    assert ledger.read(HERE) == after
    assert ledger.list_batches(HERE, 0, 10) == [a_commit(a_range(0, 4))]


def test_a_commit_on_a_stale_partition_changes_nothing(ledger: LedgerStore) -> None:
    stale = ledger.create(a_partition())
    after = commit(ledger, stale, 0, 4)

    refused = ledger.commit(
        stale, Commit(partition=moved(stale, 8, 1), batch=a_commit(a_range(0, 7)))
    )

    assert refused is None
    assert ledger.read(HERE) == after
    assert ledger.list_batches(HERE, 0, 10) == [a_commit(a_range(0, 4))]


def test_a_commit_of_nothing_new_moves_only_the_partition(ledger: LedgerStore) -> None:
    stored = ledger.create(a_partition())

    changed = replace(stored.partition.current, duplicates=3)
    after = ledger.commit(stored, Commit(partition=stored.partition.with_generation(changed)))

    assert after is not None
    assert ledger.read(HERE) == after
    assert list(ledger.list_batches(HERE, 0, 10)) == []


def test_partitions_are_listed_in_order_with_their_generations(ledger: LedgerStore) -> None:
    for partition_id in ("10", "9", "0"):
        ledger.create(a_partition(address=an_address(partition_id)))
    stored = ledger.read(an_address("9"))
    assert stored is not None
    before = stored.partition.current
    anew = a_partition(0, 0, address=an_address("9"), number=1, ended=(before,))
    ledger.commit(stored, Commit(partition=anew, closed=before))

    listed = [
        (partition.address.partition_id, known.number)
        for partition in ledger.list_partitions()
        for known in partition.generations
    ]

    assert listed == [("0", 0), ("9", 0), ("9", 1), ("10", 0)]


def test_a_generation_that_the_head_does_not_keep_is_listed_from_its_own_row(
    ledger: LedgerStore,
) -> None:
    stored = commit(ledger, ledger.create(a_partition()), 0, 4)
    before = stored.partition.current
    forgetful = a_partition(0, 0, number=1, commits=1)
    ledger.commit(stored, Commit(partition=forgetful, closed=before))

    (listed,) = ledger.list_partitions()

    assert listed == replace(forgetful, ended=(before,))


def test_batches_are_listed_by_sequence_number_page_by_page(ledger: LedgerStore) -> None:
    stored = ledger.create(a_partition())
    for first in (0, 5, 20, 10):
        stored = commit(ledger, stored, first, first + 4)

    pages = [
        [batch.ranges[0].first for batch in ledger.list_batches(HERE, start, 2)]
        for start in (0, 6, 11, 21)
    ]

    assert pages == [[0, 5], [10, 20], [20], []]


def test_a_redrive_is_listed_with_the_batch_that_begins_with_the_same_number(
    ledger: LedgerStore,
) -> None:
    stored = commit(ledger, commit(ledger, ledger.create(a_partition()), 0, 4), 5, 9)
    for number, first in ((3, 5), (4, 0), (5, 7)):
        redrive = a_commit(a_range(first, first), number=number, is_redrive=True)
        current = replace(stored.partition.current, redriving=(f"{first}.avro",))
        partition = replace(stored.partition, current=current, commits=number)
        stored = ledger.commit(stored, Commit(partition=partition, batch=redrive)) or stored

    pages = [
        [(b.ranges[0].first, b.number, b.is_redrive) for b in ledger.list_batches(HERE, n, 1)]
        for n in (0, 1, 6, 8)
    ]

    assert pages == [
        [(0, 1, False), (0, 4, True)],
        [(5, 2, False), (5, 3, True)],
        [(7, 5, True)],
        [],
    ]
    assert [b.number for b in ledger.list_commits(HERE, 2, 2)] == [3, 4]
    assert ledger.read(HERE) == stored
    assert stored.partition.current.redriving == ("7.avro",)


def test_commits_are_listed_in_the_order_in_which_they_were_made(ledger: LedgerStore) -> None:
    stored = ledger.create(a_partition())
    for first in (0, 20, 10):
        stored = commit(ledger, stored, first, first + 4)

    listed = ledger.list_commits(HERE, after=1, limit=10)

    assert [(batch.number, batch.ranges[0].first) for batch in listed] == [(2, 20), (3, 10)]


def test_batches_of_an_ended_generation_are_not_listed_with_the_new_ones(
    ledger: LedgerStore,
) -> None:
    stored = commit(ledger, ledger.create(a_partition()), 0, 4)
    batch = a_commit(a_range(0, 1), number=2, generation=1)
    closed = stored.partition.current
    anew = a_partition(0, 2, number=1, commits=2, ended=(closed,))
    ledger.commit(stored, Commit(partition=anew, batch=batch, closed=closed))

    assert ledger.list_batches(HERE, 0, 10) == [batch]


def test_batches_of_an_ended_generation_are_listed_when_asked_for(ledger: LedgerStore) -> None:
    stored = commit(ledger, ledger.create(a_partition()), 0, 4)
    batch = a_commit(a_range(0, 1), number=2, generation=1)
    closed = stored.partition.current
    anew = a_partition(0, 2, number=1, commits=2, ended=(closed,))
    ledger.commit(stored, Commit(partition=anew, batch=batch, closed=closed))

    assert ledger.list_batches(HERE, 0, 10, generation=0) == [a_commit(a_range(0, 4))]
    assert list(ledger.list_batches(HERE, 0, 10, generation=2)) == []


def test_a_partition_beyond_one_property_survives(ledger: LedgerStore) -> None:
    gaps = [a_gap(n * 10, n * 10 + 3) for n in range(900)]
    counts = {f"contract{n}/1": Counts(landed=n, reasons={"x": n}) for n in range(300)}

    made = ledger.create(a_partition(0, 10_000, *gaps, counts=counts))

    assert len(made.partition.current.gaps) == 900
    assert made.partition.current.counts == counts


@pytest.mark.usefixtures("without_waits")
def test_a_ledger_that_cannot_be_reached_is_unavailable() -> None:
    nowhere = (
        "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;"
        "TableEndpoint=http://127.0.0.1:9/a;"
    )

    with pytest.raises(
        DependencyUnavailableError, match=r"could not read the head: .* partition=hub/p000"
    ):
        open_ledger(nowhere, "t").read(HERE)

from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import DependencyUnavailableError
from shared.hub.events import Event
from shared.ledger.partition import GapState
from tests.builders import a_batch, a_batch_of, a_contract, a_time, an_event, contracts
from tests.landers import a_lander
from tests.memory import MemoryHub, MemoryLake, MemoryLedger


@pytest.fixture
def lake() -> MemoryLake:
    return MemoryLake()


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


def committed_numbers(ledger: MemoryLedger) -> list[int]:
    return [
        n
        for batch in ledger.batches
        for part in batch.ranges
        for n in range(part.first, part.last + 1)
    ]


def test_a_batch_lands_and_is_committed_with_its_files(
    lake: MemoryLake, ledger: MemoryLedger
) -> None:
    landing = a_lander(lake, ledger).land(a_batch(0, 4))

    assert (landing.counts.landed, landing.duplicates, landing.tries) == (5, 0, 1)
    assert set(landing.files) == set(lake.files)
    assert committed_numbers(ledger) == [0, 1, 2, 3, 4]


def test_a_bad_event_does_not_cost_its_batch(lake: MemoryLake, ledger: MemoryLedger) -> None:
    landing = a_lander(lake, ledger).land(a_batch_of(an_event(0), an_event(1, b"?"), an_event(2)))

    assert (landing.counts.landed, landing.counts.quarantined) == (2, 1)
    assert landing.counts.reasons == {"invalid_json": 1}
    assert committed_numbers(ledger) == [0, 1, 2]


def test_overlapping_batch_lands_only_new_events(lake: MemoryLake, ledger: MemoryLedger) -> None:
    lander = a_lander(lake, ledger)
    lander.land(a_batch(0, 4))

    landing = lander.land(a_batch(3, 7))

    assert (landing.counts.landed, landing.duplicates) == (3, 2)
    assert landing.batch_id == "hub/p000/5-7"
    assert committed_numbers(ledger) == list(range(8))


def test_a_batch_of_duplicates_writes_no_file_and_is_counted(
    lake: MemoryLake, ledger: MemoryLedger
) -> None:
    lander = a_lander(lake, ledger)
    lander.land(a_batch(0, 4))
    lake.writes.clear()

    landing = lander.land(a_batch(0, 4))

    assert (landing.duplicates, landing.files, lake.writes) == (5, (), [])
    assert ledger.list_partitions()[0].current.duplicates == 5


def test_a_warm_batch_reads_nothing_and_commits_once(
    lake: MemoryLake, ledger: MemoryLedger
) -> None:
    hub = MemoryHub()
    lander = a_lander(lake, ledger, hub)
    lander.land(a_batch(0, 4))
    ledger.reads = ledger.commits = hub.asked = 0
    lake.writes.clear()

    lander.land(a_batch_of(*a_batch(5, 8).events, an_event(9, b"?")))

    assert (ledger.reads, ledger.commits, hub.asked) == (0, 1, 0)
    assert len(lake.writes) == 2


@given(bodies=st.lists(st.sampled_from(["good", "other", "bad"]), min_size=1, max_size=30))
def test_a_batch_costs_a_write_a_contract_one_for_the_bad_and_one_transaction(
    bodies: list[str],
) -> None:
    lake, ledger, hub = MemoryLake(), MemoryLedger(), MemoryHub()
    lander = a_lander(lake, ledger, hub, contracts(a_contract(), a_contract(name="other")))
    lander.land(a_batch_of(an_event(0)))
    ledger.reads = ledger.commits = ledger.lists = hub.asked = 0
    lake.writes.clear()

    lander.land(a_batch_of(*(an_event_of(kind, n) for n, kind in enumerate(bodies, start=1))))

    assert len(lake.writes) == len(set(bodies))
    assert (ledger.commits, ledger.reads, ledger.lists, hub.asked) == (1, 0, 0, 0)


def test_the_files_of_a_batch_are_written_side_by_side(ledger: MemoryLedger) -> None:
    both_are_written = Barrier(2, timeout=60)

    class MeetingLake(MemoryLake):
        def put_if_absent(self, path: str, data: bytes, sha256: str) -> None:
            both_are_written.wait()
            super().put_if_absent(path, data, sha256)

    landing = a_lander(MeetingLake(), ledger).land(a_batch_of(an_event(0), an_event(1, b"?")))

    assert len(landing.files) == 2


def test_a_commit_is_dated_after_its_files_are_written(ledger: MemoryLedger) -> None:
    class SlowLake(MemoryLake):
        def put_if_absent(self, path: str, data: bytes, sha256: str) -> None:
            super().put_if_absent(path, data, sha256)
            writes.append(path)

    writes: list[str] = []
    lander = a_lander(SlowLake(), ledger, clock=lambda: a_time(60 * len(writes)))

    lander.land(a_batch_of(an_event(0)))

    assert [batch.committed_at for batch in ledger.batches] == [a_time(60)]


def an_event_of(kind: str, number: int) -> Event:
    body = b"?" if kind == "bad" else b'{"id": 1}'
    return an_event(number, body, properties={"contract": "other"} if kind == "other" else {})


def test_a_conflict_costs_one_read_and_one_more_transaction(
    lake: MemoryLake, ledger: MemoryLedger
) -> None:
    slow, fast = a_lander(lake, ledger), a_lander(lake, ledger)
    slow.land(a_batch(0, 4))
    fast.land(a_batch(5, 6))
    ledger.reads = ledger.commits = ledger.lists = 0

    landing = slow.land(a_batch(5, 9))

    assert (landing.tries, landing.duplicates, landing.counts.landed) == (2, 2, 3)
    assert (ledger.commits, ledger.reads, ledger.lists) == (2, 1, 1)


def test_a_batch_that_follows_the_last_one_is_not_asked_about_again(
    lake: MemoryLake, ledger: MemoryLedger
) -> None:
    hub = MemoryHub()
    ahead, behind = a_lander(lake, ledger, hub), a_lander(lake, ledger, hub)
    ahead.land(a_batch(0, 9))
    hub.remake(a_time(900))
    hub.hold("0", *a_batch(0, 29, later=1000).events)
    ahead.land(a_batch(0, 29, later=1000))
    behind.land(a_batch(0, 9, later=1000))
    asked = hub.asked

    landing = behind.land(a_batch(10, 19, later=1000))

    assert (landing.generation, landing.duplicates) == (1, 10)
    assert hub.asked == asked


def test_the_loser_of_a_commit_removes_the_files_that_it_leaves_behind(
    lake: MemoryLake, ledger: MemoryLedger
) -> None:
    slow, fast = a_lander(lake, ledger), a_lander(lake, ledger)
    slow.land(a_batch(0, 4))
    fast.land(a_batch(5, 6))

    landing = slow.land(a_batch(5, 9))

    assert len(landing.removed) == 1
    assert lake.files.keys() == {file.path for batch in ledger.batches for file in batch.files}


def test_the_loser_leaves_a_file_alone_that_the_winner_committed(
    lake: MemoryLake, ledger: MemoryLedger
) -> None:
    slow, fast = a_lander(lake, ledger), a_lander(lake, ledger)
    slow.land(a_batch(0, 4))
    fast.land(a_batch(5, 9))
    fast.land(a_batch(10, 11))

    landing = slow.land(a_batch(5, 9))

    assert (landing.duplicates, landing.removed) == (5, ())
    assert lake.files.keys() == {file.path for batch in ledger.batches for file in batch.files}


def test_a_commit_whose_reply_was_lost_keeps_its_files(
    lake: MemoryLake, ledger: MemoryLedger
) -> None:
    slow, fast = a_lander(lake, ledger), a_lander(lake, ledger)
    slow.land(a_batch(0, 4))
    ledger.lost_replies = 1
    ledger.after_commit = lambda: fast.land(a_batch(10, 14))

    landing = slow.land(a_batch(5, 9))

    assert (landing.duplicates, landing.removed) == (5, ())
    assert lake.files.keys() == {file.path for batch in ledger.batches for file in batch.files}


def test_a_file_that_cannot_be_removed_does_not_cost_the_landing(
    lake: MemoryLake, ledger: MemoryLedger
) -> None:
    slow, fast = a_lander(lake, ledger), a_lander(lake, ledger)
    slow.land(a_batch(0, 4))
    fast.land(a_batch(5, 6))
    lake.refuses_to_delete = True

    landing = slow.land(a_batch(5, 9))

    assert (landing.counts.landed, landing.removed) == (3, ())


def test_the_first_batch_makes_the_head_where_the_hub_begins(
    lake: MemoryLake, ledger: MemoryLedger
) -> None:
    hub = MemoryHub(partitions={"0": (100, 200), "1": (7, 9)})

    a_lander(lake, ledger, hub).land(a_batch(110, 112))

    known = {found.address.partition_id: found.current for found in ledger.list_partitions()}
    assert (known["0"].start, known["0"].head, known["0"].in_gaps(GapState.OPEN)) == (
        100,
        113,
        10,
    )
    assert (known["1"].start, known["1"].head) == (7, 7)


def test_a_partition_that_the_hub_does_not_list_is_an_infrastructure_fault(
    lake: MemoryLake, ledger: MemoryLedger
) -> None:
    with pytest.raises(DependencyUnavailableError, match="does not list"):
        a_lander(lake, ledger, MemoryHub(partitions={})).land(a_batch(0, 1))


def test_a_lake_that_is_down_raises_and_commits_nothing(
    lake: MemoryLake, ledger: MemoryLedger
) -> None:
    lander = a_lander(lake, ledger)
    lake.is_down = True

    with pytest.raises(DependencyUnavailableError, match="lake is down"):
        lander.land(a_batch(0, 4))

    assert committed_numbers(ledger) == []


def test_a_ledger_that_is_down_raises_and_the_next_try_writes_the_same_names(
    lake: MemoryLake, ledger: MemoryLedger
) -> None:
    lander = a_lander(lake, ledger)
    lander.land(a_batch(0, 4))
    ledger.is_down = True
    with pytest.raises(DependencyUnavailableError):
        lander.land(a_batch(5, 9))
    written = set(lake.files)

    ledger.is_down = False
    lander.land(a_batch(5, 9))

    assert set(lake.files) == written
    assert committed_numbers(ledger) == list(range(10))


def test_a_commit_whose_reply_is_lost_is_success_and_counts_no_duplicates(
    lake: MemoryLake, ledger: MemoryLedger
) -> None:
    ledger.lost_replies = 1

    landing = a_lander(lake, ledger).land(a_batch(0, 4))

    assert (landing.counts.landed, landing.duplicates, landing.tries) == (5, 0, 1)
    assert ledger.list_partitions()[0].current.duplicates == 0
    assert committed_numbers(ledger) == [0, 1, 2, 3, 4]


def test_the_loser_of_a_commit_plans_again_and_lands_only_what_is_still_new(
    lake: MemoryLake, ledger: MemoryLedger
) -> None:
    one, other = a_lander(lake, ledger), a_lander(lake, ledger)
    one.land(a_batch(0, 4))
    other.land(a_batch(5, 7))

    landing = one.land(a_batch(5, 9))

    assert (landing.counts.landed, landing.duplicates, landing.tries) == (2, 3, 2)
    assert committed_numbers(ledger) == list(range(10))


def test_a_hub_made_anew_lands_as_a_new_generation_and_closes_the_old(
    lake: MemoryLake, ledger: MemoryLedger
) -> None:
    hub = MemoryHub()
    lander = a_lander(lake, ledger, hub)
    lander.land(a_batch(0, 9))
    lander.land(a_batch(15, 19))
    anew = a_batch(0, 3, later=1000)
    hub.remake(a_time(900))
    hub.hold("0", *anew.events)

    landing = lander.land(anew)

    (partition,) = ledger.list_partitions()
    (old,), new = partition.ended, partition.current
    assert (landing.generation, landing.counts.landed) == (1, 4)
    assert (old.number, old.in_gaps(GapState.LOST), new.head) == (0, 5, 4)
    assert all("-g1-" in path for path in landing.files)


@given(
    deliveries=st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 30), st.integers(0, 10)), max_size=20
    )
)
def test_two_owners_with_stale_views_never_commit_a_number_twice(
    deliveries: list[tuple[int, int, int]],
) -> None:
    lake, ledger = MemoryLake(), MemoryLedger()
    owners = [a_lander(lake, ledger), a_lander(lake, ledger)]

    for owner, first, more in deliveries:
        owners[owner].land(a_batch(first, first + more, later=-1000))

    numbers = committed_numbers(ledger)
    delivered = {n for _, first, more in deliveries for n in range(first, first + more + 1)}
    assert sorted(numbers) == sorted(delivered)
    named = {file.path for batch in ledger.batches for file in batch.files}
    assert named <= lake.files.keys()

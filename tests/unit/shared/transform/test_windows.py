from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.hub.address import PartitionAddress
from shared.hub.sequence_range import SequenceRange
from shared.ledger.batch import CommittedBatch, LandedFile
from shared.transform.windows import Backlog, Window, WindowLimits, plan_windows

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LIMITS = WindowLimits(files=3, bytes=1000, age=timedelta(seconds=25))
ONE, OTHER = (PartitionAddress(hub="h", partition_id=number) for number in "01")
NEVER_OLD = WindowLimits(files=3, bytes=1000, age=timedelta(days=1))


def commit(
    number: int, *contracts: str, partition: PartitionAddress = ONE, size: int = 1
) -> CommittedBatch:
    files = [
        LandedFile(
            path=f"{partition}/{number}/{contract}",
            contract=contract,
            records=1,
            bytes=size,
            sha256="",
        )
        for contract in contracts
    ]
    return CommittedBatch(
        batch_id=f"{partition}/{number}",
        number=number,
        address=partition,
        generation=0,
        ranges=(SequenceRange(first=number, last=number),),
        files=tuple(files),
        counts={},
        first_enqueued_at=NOW,
        last_enqueued_at=NOW,
        committed_at=NOW,
    )


def paths(windows: Sequence[Window]) -> list[list[str]]:
    return [[file.path for file in window.files] for window in windows]


def test_a_window_is_full_at_its_number_of_files() -> None:
    commits = {ONE: [commit(number, "x/1") for number in range(1, 6)]}

    windows, backlog = plan_windows(Backlog(), commits, NEVER_OLD, NOW)

    assert paths(windows) == [["h/p000/1/x/1", "h/p000/2/x/1", "h/p000/3/x/1"]]
    assert backlog.pending_batches == 2


def test_a_window_is_full_at_its_bytes() -> None:
    commits = {ONE: [commit(1, "x/1", size=600), commit(2, "x/1", size=600)]}

    windows, _ = plan_windows(Backlog(), commits, NEVER_OLD, NOW)

    assert paths(windows) == [["h/p000/1/x/1", "h/p000/2/x/1"]]


def test_what_is_old_enough_waits_for_no_more() -> None:
    commits = {ONE: [commit(1, "x/1")]}

    young, _ = plan_windows(Backlog(), commits, LIMITS, NOW + timedelta(seconds=24))
    old, backlog = plan_windows(Backlog(), commits, LIMITS, NOW + timedelta(seconds=25))

    assert (paths(young), paths(old)) == ([], [["h/p000/1/x/1"]])
    assert (backlog.pending_batches, backlog.oldest_pending_at) == (0, None)


def test_each_contract_has_windows_of_its_own() -> None:
    commits = {ONE: [commit(1, "x/1", "y/1"), commit(2, "x/1"), commit(3, "x/1")]}

    windows, backlog = plan_windows(Backlog(), commits, NEVER_OLD, NOW)

    assert [window.contract for window in windows] == ["x/1"]
    assert backlog.held == {"y/1": {ONE: 0}}


def test_quarantine_files_are_in_no_window() -> None:
    commits = {ONE: [commit(1, "")]}

    windows, backlog = plan_windows(Backlog(), commits, LIMITS, NOW + timedelta(days=1))

    assert (windows, backlog.held, backlog.scanned) == ((), {}, {ONE: 1})


def test_the_window_id_derives_from_what_is_in_it() -> None:
    commits = {ONE: [commit(number, "x/1") for number in range(1, 4)]}

    first, _ = plan_windows(Backlog(), commits, NEVER_OLD, NOW)
    again, _ = plan_windows(Backlog(), commits, NEVER_OLD, NOW + timedelta(hours=1))

    assert first == again
    assert first[0].window_id in first[0].manifest.decode()


@given(
    rounds=st.lists(
        st.tuples(
            st.dictionaries(
                st.sampled_from([ONE, OTHER]),
                st.lists(
                    st.lists(st.sampled_from(["x/1", "y/1", ""]), min_size=1, unique=True),
                    max_size=4,
                ),
            ),
            st.integers(1, 6),
        ),
        max_size=12,
    )
)
def test_every_committed_file_is_in_exactly_one_window_however_reads_are_bounded(
    rounds: list[tuple[dict[PartitionAddress, list[list[str]]], int]],
) -> None:
    log: dict[PartitionAddress, list[CommittedBatch]] = {ONE: [], OTHER: []}
    backlog, planned, now = Backlog(), [], NOW

    quiet = [({}, 3)] * 80
    for committed, most_read in [*rounds, *quiet]:
        now += timedelta(seconds=10)
        for partition, batches in committed.items():
            start = len(log[partition]) + 1
            log[partition] += [
                commit(start + index, *contracts, partition=partition)
                for index, contracts in enumerate(batches)
            ]
        commits = {
            partition: [item for item in all_ if item.number > backlog.read_from(partition)][
                :most_read
            ]
            for partition, all_ in log.items()
        }
        windows, backlog = plan_windows(backlog, commits, LIMITS, now)
        planned += [path for files in paths(windows) for path in files]

    expected = [
        file.path for all_ in log.values() for item in all_ for file in item.files if file.contract
    ]
    assert sorted(planned) == sorted(expected)
    assert (backlog.held, backlog.pending_batches) == ({}, 0)

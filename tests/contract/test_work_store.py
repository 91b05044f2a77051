from dataclasses import replace

import pytest

from shared.adapters.tables import open_tables
from shared.adapters.work_store import TableWorkStore
from shared.settings import Endpoint
from shared.transform.windows import Backlog
from shared.transform.work import (
    RunFigures,
    Work,
    WorkState,
    given_up,
    refused,
    retried,
)
from shared.transform.work_store import WorkStore
from tests.builders import a_time, a_work, an_address
from tests.memory import MemoryWorkStore

BACKLOG = Backlog(
    scanned={an_address("0"): 7, an_address("1"): 3},
    held={"telemetry/1": {an_address("0"): 5}},
    pending_batches=2,
    oldest_pending_at=a_time(5),
)


@pytest.fixture(params=["memory", "tables"])
def works(request: pytest.FixtureRequest) -> WorkStore:
    if request.param == "memory":
        return MemoryWorkStore()
    endpoint = Endpoint(
        value=request.getfixturevalue("azurite").connection_string, is_connection_string=True
    )
    service = open_tables(endpoint, None)
    table = f"t{abs(hash(request.node.name))}"[:60]
    service.create_table(table)
    return TableWorkStore(service, table)


def active(works: WorkStore) -> list[Work]:
    return [stored.work for stored in works.list_active()]


def test_a_store_without_anything_has_an_empty_backlog_and_no_work(works: WorkStore) -> None:
    assert works.read_backlog().backlog == Backlog()
    assert active(works) == []
    assert list(works.list_recent("window", 10)) == []


def test_windows_and_the_backlog_are_added_together(works: WorkStore) -> None:
    added = works.create_windows(works.read_backlog(), BACKLOG, [a_work("a", 1), a_work("b", 0)])

    assert added
    assert works.read_backlog().backlog == BACKLOG
    assert active(works) == [a_work("b", 0), a_work("a", 1)]


def test_a_backlog_that_has_changed_since_adds_nothing(works: WorkStore) -> None:
    stale = works.read_backlog()
    works.create_windows(stale, BACKLOG, [a_work("a")])
    current = works.read_backlog()

    first = works.create_windows(stale, Backlog(), [a_work("b")])
    works.create_windows(current, Backlog(), [])
    second = works.create_windows(current, BACKLOG, [a_work("c")])

    assert (first, second) == (False, False)
    assert active(works) == [a_work("a")]


def test_the_same_upload_is_added_once_also_after_it_ended(works: WorkStore) -> None:
    upload = a_work("u-1", kind="upload")
    first = works.create_upload(upload)
    again = works.create_upload(upload)
    (stored,) = works.list_active()
    works.replace(stored, replace(upload, state=WorkState.SUCCEEDED))

    after_its_end = works.create_upload(upload)

    assert (first, again, after_its_end) == (True, False, False)


def test_work_is_replaced_only_as_it_was_read(works: WorkStore) -> None:
    works.create_upload(a_work())
    (stored,) = works.list_active()
    submitted = a_work(
        state=WorkState.SUBMITTED, run_id=2**40, url="http://run", submitted_at=a_time(3)
    )

    first = works.replace(stored, submitted)
    again = works.replace(stored, a_work(state=WorkState.FAILED))

    assert (first, again) == (True, False)
    assert active(works) == [submitted]


def test_work_that_ends_leaves_the_active_and_stays_among_the_recent(works: WorkStore) -> None:
    works.create_upload(a_work())
    (stored,) = works.list_active()
    ended = a_work(
        state=WorkState.SUCCEEDED,
        ended_at=a_time(9),
        figures=RunFigures(rows_in=5, rows_out=4, rows_quarantined=1),
    )

    works.replace(stored, ended)

    assert active(works) == []
    assert list(works.list_recent("window", 10)) == [ended]


def test_the_recent_are_the_active_and_then_the_newest_ended(works: WorkStore) -> None:
    for seconds in (1, 2, 3):
        works.create_upload(a_work(f"e{seconds}", seconds, state=WorkState.SUCCEEDED))
    works.create_upload(a_work("active", 0))

    recent = [work.work_id for work in works.list_recent("window", 3)]

    assert recent == ["active", "e3", "e2"]


def test_the_recent_of_one_kind_are_not_crowded_out_by_the_other(works: WorkStore) -> None:
    works.create_upload(a_work("u", 0, kind="upload", state=WorkState.FAILED))
    works.create_upload(a_work("w1", 1, state=WorkState.SUCCEEDED))
    works.create_upload(a_work("w2", 2))

    assert [work.work_id for work in works.list_recent("upload", 1)] == ["u"]
    assert [work.work_id for work in works.list_recent("window", 2)] == ["w2", "w1"]


def test_failed_work_stays_visible_however_much_ends_after_it(works: WorkStore) -> None:
    fail(works, a_work("broken", 0))
    for seconds in (1, 2, 3):
        works.create_upload(a_work(f"e{seconds}", seconds, state=WorkState.SUCCEEDED))

    assert [work.work_id for work in works.list_failed("window", 10)] == ["broken"]
    assert [work.work_id for work in works.list_recent("window", 3)] == ["e3", "e2", "e1"]
    assert list(works.list_failed("upload", 10)) == []


def test_failed_work_is_settled_once_and_a_retry_makes_it_active_again(works: WorkStore) -> None:
    failed = fail(works, a_work("broken"))
    again = retried(failed, a_time(60))

    first = works.settle(failed, again)
    second = works.settle(failed, given_up(failed, a_time(61)))

    assert (first, second) == (True, False)
    assert active(works) == [again]
    assert list(works.list_failed("window", 10)) == []


def test_work_that_is_given_up_is_among_the_recent(works: WorkStore) -> None:
    failed = fail(works, a_work("broken"))
    done = given_up(failed, a_time(60))

    assert works.settle(failed, done)
    assert list(works.list_failed("window", 10)) == []
    assert list(works.list_recent("window", 10)) == [done]


def test_work_that_never_failed_cannot_be_settled(works: WorkStore) -> None:
    assert not works.settle(a_work("stranger"), a_work("stranger"))


def fail(works: WorkStore, work: Work) -> Work:
    works.create_upload(work)
    stored = next(item for item in works.list_active() if item.work == work)
    failed = refused(work, "the disk is full", a_time(9))
    assert works.replace(stored, failed)
    return failed

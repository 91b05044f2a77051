import argparse
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace

import pytest

from ops import windows
from ops.windows import find_failed, settle_windows, window_lines
from shared.errors import MisconfiguredError
from shared.transform.work import Work, WorkState, given_up, retried
from tests.builders import a_time, a_work
from tests.memory import MemoryWorkStore


@dataclass
class Operator:
    """Runs the command on works in memory."""

    works: MemoryWorkStore = field(default_factory=MemoryWorkStore)

    def has(self, *works: Work) -> None:
        for work in works:
            self.works.create_upload(work)

    def settles(self, *named: str, settle: object = retried, every: bool = False) -> int:
        return settle_windows(
            argparse.Namespace(
                window=list(named), all=every, settle=settle, told="is settled", stack=None
            )
        )


@pytest.fixture
def operator(monkeypatch: pytest.MonkeyPatch) -> Operator:
    operator = Operator()
    service = SimpleNamespace(works=operator.works, clock=lambda: a_time(60))
    monkeypatch.setattr(windows, "open_service", lambda _: service)
    return operator


def broken(work_id: str, at: float = 0) -> Work:
    return a_work(work_id, at, state=WorkState.FAILED, attempt=4, error="the disk is full")


def now() -> datetime:
    return a_time(60)


def test_what_failed_is_found_also_where_an_earlier_version_left_it(operator: Operator) -> None:
    operator.has(broken("new"), a_work("active"))
    operator.works.ended.append(broken("old"))

    assert {work.work_id for work in find_failed(operator.works)} == {"new", "old"}


def test_a_failed_window_is_retried_once(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    operator.has(broken("w-1"))

    code = operator.settles("w-1")

    assert (code, capsys.readouterr().out) == (0, "w-1 is settled\n")
    assert [stored.work for stored in operator.works.list_active()] == [
        retried(broken("w-1"), now())
    ]


def test_all_that_failed_can_be_given_up_at_once(operator: Operator) -> None:
    operator.has(broken("w-1"), broken("w-2", 1))

    operator.settles(settle=given_up, every=True)

    assert find_failed(operator.works) == ()
    assert {work.state for work in operator.works.ended} == {WorkState.GIVEN_UP}


@pytest.mark.parametrize(("named", "every"), [((), False), (("w-1",), True)])
def test_windows_are_named_or_all_are_meant(
    operator: Operator, named: tuple[str, ...], every: bool
) -> None:
    with pytest.raises(MisconfiguredError, match="--all"):
        operator.settles(*named, every=every)


def test_a_window_that_has_not_failed_is_refused_by_name(operator: Operator) -> None:
    operator.has(a_work("fine"), broken("w-1"))

    with pytest.raises(MisconfiguredError, match="fine"):
        operator.settles("fine", "w-1")

    assert len(find_failed(operator.works)) == 1


def test_the_list_says_what_waits_and_why() -> None:
    waiting = a_work("w-2", error="no capacity", not_before=a_time(30))

    assert list(window_lines([broken("w-1"), waiting])) == [
        "w-1  telemetry/1  failed, attempt 4",
        "  the disk is full",
        "w-2  telemetry/1  planned, attempt 1, not before 2026-01-01T00:00:30+00:00",
        "  no capacity",
        "2 windows and dropped files",
    ]

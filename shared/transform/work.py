"""A piece of work for Databricks: its states, and what moves between them. Pure."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

MOST_ATTEMPTS = 4
LONGEST_BACKOFF = timedelta(minutes=30)

WorkKind = Literal["window", "upload"]


class WorkState(StrEnum):
    """Planned work is submitted as soon as it may be.

    Succeeded and given-up work is final. Failed work waits for a person, who retries it or gives
    it up.
    """

    PLANNED = "planned"
    SUBMITTED = "submitted"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """What a run counted; None where its job does not count it."""

    rows_in: int | None = None
    #: The rows that silver holds afterwards, also those that were there before: a run that is
    #: repeated says the same.
    rows_out: int | None = None
    rows_quarantined: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One thing that Databricks has to do: a window, or an uploaded file."""

    kind: WorkKind
    work_id: str
    contract: str
    #: The manifest's or the upload's path in the lake.
    path: str
    #: What a person calls it by.
    source: str
    created_at: datetime
    state: WorkState = WorkState.PLANNED
    #: Its run is tried for so many times; the last try may have failed by the job's own fault.
    attempt: int = 1
    #: Counts the runs that were asked for: also those that the platform ended.
    submission: int = 1
    #: The runs in a row that the platform ended, by no fault of the job.
    interruptions: int = 0
    #: It is not submitted again before this time.
    not_before: datetime | None = None
    run_id: int | None = None
    url: str | None = None
    submitted_at: datetime | None = None
    ended_at: datetime | None = None
    figures: RunFigures = field(default_factory=RunFigures)
    #: Why it waits, failed or was given up; or what could not be read of a run that succeeded.
    error: str | None = None

    @property
    def idempotency_token(self) -> str:
        """The work's id, so that a submit that is repeated is one run; each new run has its own."""
        return self.work_id if self.submission == 1 else f"{self.work_id}-{self.submission}"

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens to it by itself."""
        return self.state not in (WorkState.PLANNED, WorkState.SUBMITTED)

    @property
    def waits_for_person(self) -> bool:
        """Whether its runs have failed for good, until a person retries it or gives it up.

        A dropped file that was refused before any run is mended by dropping it again.
        """
        has_run = self.kind == "window" or self.run_id is not None
        return self.state is WorkState.FAILED and has_run

    def may_be_submitted(self, now: datetime) -> bool:
        """Whether it waits for its run, and has waited long enough."""
        return self.state is WorkState.PLANNED and (self.not_before or now) <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmittedRun:
    """What Databricks answers to a submit."""

    run_id: int
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """How a run ended; `error` is empty where it succeeded."""

    ended_at: datetime
    error: str = ""
    #: Whether the platform ended it (no capacity, quota, a fault of its own), and not the job.
    is_interruption: bool = False


def after_submit(work: Work, run: SubmittedRun, now: datetime) -> Work:
    """The run is under way."""
    return replace(
        work,
        state=WorkState.SUBMITTED,
        run_id=run.run_id,
        url=run.url,
        submitted_at=now,
        error=None,
    )


def after_success(
    work: Work, outcome: RunOutcome, figures: RunFigures, problem: str | None = None
) -> Work:
    """The run did its job; `problem` says what of its report could not be read."""
    return replace(
        work,
        state=WorkState.SUCCEEDED,
        ended_at=outcome.ended_at,
        figures=figures,
        error=problem,
    )


def after_failure(work: Work, outcome: RunOutcome, now: datetime, backoff: timedelta) -> Work:
    """The run failed: try it again after the back-off, which doubles each time.

    A run that the platform ended costs no attempt, so a shortage of clusters can last for days.
    A job that fails by itself is tried MOST_ATTEMPTS times; then a person must look at it.
    """
    if outcome.is_interruption:
        wait = _doubled(backoff, work.interruptions)
        interrupted = replace(work, interruptions=work.interruptions + 1)
        return _again(interrupted, outcome.error, now + wait)
    if work.attempt >= MOST_ATTEMPTS:
        return refused(work, outcome.error, now)
    wait = _doubled(backoff, work.attempt - 1)
    tried = replace(work, attempt=work.attempt + 1, interruptions=0)
    return _again(tried, outcome.error, now + wait)


def refused(work: Work, error: str, now: datetime) -> Work:
    """No run can do it: a person must look at the error."""
    return replace(work, state=WorkState.FAILED, ended_at=now, error=error)


def retried(work: Work, now: datetime) -> Work:
    """A person has mended what made it fail: it starts anew, with all of its attempts."""
    return _again(replace(work, attempt=1, interruptions=0, ended_at=None), None, now)


def given_up(work: Work, now: datetime) -> Work:
    """A person has decided that it stays undone; its error stays with it."""
    return replace(work, state=WorkState.GIVEN_UP, ended_at=now)


def _again(work: Work, error: str | None, not_before: datetime) -> Work:
    return replace(
        work,
        state=WorkState.PLANNED,
        submission=work.submission + 1,
        not_before=not_before,
        error=error,
    )


def _doubled(backoff: timedelta, times: int) -> timedelta:
    # No more doublings than the longest wait needs: the number of interruptions has no limit.
    factor: int = 2 ** min(times, 20)
    return min(backoff * factor, LONGEST_BACKOFF)

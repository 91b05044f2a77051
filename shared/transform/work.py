"""A piece of work for Databricks: its states, and how they change. Pure."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

MOST_ATTEMPTS = 4

WorkKind = Literal["window", "upload"]


class WorkState(StrEnum):
    """Planned and submitted work goes on; succeeded and failed are final."""

    PLANNED = "planned"
    SUBMITTED = "submitted"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """What a run counted; None where its job does not count it.

    `rows_out` are the rows that silver holds afterwards, including those it held before. So a
    repeated run reports the same.
    """

    rows_in: int | None = None
    rows_out: int | None = None
    rows_quarantined: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One thing that Databricks has to do: a window, or an uploaded file."""

    kind: WorkKind
    work_id: str
    contract: str
    #: The path in the lake of the manifest, or of the upload's copy.
    path: str
    #: What a person calls it: the window's id, or the path under which the file was dropped.
    source: str
    created_at: datetime
    state: WorkState = WorkState.PLANNED
    #: Which attempt the current or the next run is, from 1 on.
    attempt: int = 1
    #: The next try is not before this time.
    not_before: datetime | None = None
    run_id: int | None = None
    url: str | None = None
    submitted_at: datetime | None = None
    ended_at: datetime | None = None
    figures: RunFigures = field(default_factory=RunFigures)
    error: str | None = None

    @property
    def idempotency_token(self) -> str:
        """The work's id, so that a repeated submit is one run; each attempt has its own token."""
        return self.work_id if self.attempt == 1 else f"{self.work_id}-{self.attempt}"

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in (WorkState.SUCCEEDED, WorkState.FAILED)

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


def after_success(work: Work, outcome: RunOutcome, figures: RunFigures) -> Work:
    """The run did its job."""
    return replace(
        work,
        state=WorkState.SUCCEEDED,
        ended_at=outcome.ended_at,
        figures=figures,
        error=None,
    )


def after_failure(work: Work, error: str, now: datetime, backoff: timedelta) -> Work:
    """The run failed: it is tried again after the back-off, twice as long each time, to a limit."""
    if work.attempt >= MOST_ATTEMPTS:
        return refused(work, error, now)
    wait = backoff * 2 ** (work.attempt - 1)
    return replace(
        work,
        state=WorkState.PLANNED,
        attempt=work.attempt + 1,
        not_before=now + wait,
        error=error,
    )


def refused(work: Work, error: str, now: datetime) -> Work:
    """No run can do it: a person must look at the error."""
    return replace(work, state=WorkState.FAILED, ended_at=now, error=error)

"""What a Databricks run is asked for, and what it answers; the port to Databricks Jobs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from posixpath import basename, splitext
from typing import Protocol

from shared.errors import require_format
from shared.transform.work import RunFigures, RunOutcome, SubmittedRun, Work

# Raise it when an older reader would misread what a job writes.
REPORT_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTask:
    """The one task of a run: a file of jobs/ and its parameters."""

    name: str
    file: str
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What is submitted for a piece of work."""

    run_name: str
    idempotency_token: str
    task: JobTask
    #: Databricks ends the run then, and frees its contract for the next.
    timeout_seconds: int


def report_path(work: Work) -> str:
    """The folder in the lake in which the work's job leaves its figures, as Spark writes text."""
    return f"_landfall/reports/{work.work_id}"


def request_run(work: Work, lake_uri: str, timeout: timedelta) -> RunRequest:
    """Make the request; one task, and so one cluster, does silver and gold."""
    return RunRequest(
        run_name=f"landfall {work.kind} {work.source}",
        idempotency_token=work.idempotency_token,
        task=_window_task(work, lake_uri)
        if work.kind == "window"
        else _upload_task(work, lake_uri),
        timeout_seconds=int(timeout.total_seconds()),
    )


def _window_task(work: Work, lake_uri: str) -> JobTask:
    return JobTask(
        name="window",
        file="window.py",
        parameters=(
            *("--manifest", f"{lake_uri}/{work.path}"),
            *("--lake", lake_uri),
            *("--report", f"{lake_uri}/{report_path(work)}"),
        ),
    )


def _upload_task(work: Work, lake_uri: str) -> JobTask:
    return JobTask(
        name="dropzone",
        file="dropzone.py",
        parameters=(
            *("--contract", work.contract),
            *("--file", f"{lake_uri}/{work.path}"),
            *("--lake", lake_uri),
            *("--upload", splitext(basename(work.path))[0]),
            *("--uploaded-at", work.created_at.isoformat()),
            *("--report", f"{lake_uri}/{report_path(work)}"),
        ),
    )


def parse_figures(report: object) -> RunFigures:
    """Read a job's report; what it does not count stays None.

    Raises UnreadableFormatError for a newer format, and ValueError for what is no report.
    """
    if not isinstance(report, Mapping):
        message = "it is no JSON object"
        raise ValueError(message)
    require_format(report.get("format", 1), REPORT_FORMAT)
    return RunFigures(
        rows_in=_count(report, "rows_in"),
        rows_out=_count(report, "rows_out"),
        rows_quarantined=_count(report, "rows_quarantined"),
    )


def _count(report: Mapping[str, object], name: str) -> int | None:
    value = report.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


class JobRunner(Protocol):
    """Databricks Jobs. Raises DependencyUnavailableError when it does not answer soon."""

    def submit(self, request: RunRequest) -> SubmittedRun:
        """Submit one run; the same token again is the same run.

        Raises MisconfiguredError where the workspace refuses the request for good.
        """

    def read_outcome(self, run_id: int) -> RunOutcome | None:
        """How a run ended; None while it has not."""

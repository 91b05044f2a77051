"""One tick of `transform`: plan windows, submit their runs, follow them. Never waits for a run."""

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from shared.errors import (
    DependencyUnavailableError,
    MisconfiguredError,
    UnreadableFormatError,
)
from shared.lake import Lake
from shared.ledger.store import LedgerStore
from shared.logs import Outcome
from shared.transform.requests import JobRunner, parse_figures, report_path, request_run
from shared.transform.windows import Window, WindowLimits, manifest_path, plan_windows
from shared.transform.work import (
    RunFigures,
    Work,
    WorkState,
    after_failure,
    after_submit,
    after_success,
)
from shared.transform.work_store import StoredWork, WorkStore

MOST_COMMITS_READ = 1000
# Well within the function's timeout; the next tick does the rest.
TICK = timedelta(seconds=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """What one tick did; `problem` says what kept it from doing more."""

    windows: int = 0
    submitted: int = 0
    succeeded: int = 0
    failed: int = 0
    problem: str = ""

    @property
    def outcome(self) -> Outcome:
        """How the log tells it; a failed run or a problem makes it a warning."""
        return Outcome(
            event="transform_ticked",
            level=logging.WARNING if self.problem or self.failed else logging.INFO,
            fields=asdict(self),
        )


class Transformer:
    """Gives what is committed to Databricks, window by window."""

    def __init__(
        self,
        *,
        ledger: LedgerStore,
        works: WorkStore,
        lake: Lake,
        runner: JobRunner,
        limits: WindowLimits,
        backoff: timedelta,
        timeout: timedelta,
        lake_uri: str,
        clock: Callable[[], datetime],
    ) -> None:
        """Keep the collaborators; does no I/O."""
        self._ledger, self._works, self._lake, self._runner = ledger, works, lake, runner
        self._limits, self._backoff, self._timeout = limits, backoff, timeout
        self._lake_uri, self._clock = lake_uri, clock

    def tick(self) -> Tick:
        """Do what can be done now; raises DependencyUnavailableError of the lake and ledger.

        Work that Databricks does not take stays as it was, and each tick tries it again.
        """
        until = self._clock() + TICK
        windows = self._plan()
        changed: Counter[WorkState] = Counter()
        problem = ""
        for stored in due(self._works.list_active(), self._clock()):
            if self._clock() > until:
                break
            try:
                after = self.advance(stored)
            except (DependencyUnavailableError, MisconfiguredError) as error:
                # Not counted as an attempt: keep the work and record why it waits. The others go
                # on: it may be this one alone that Databricks refuses or cannot tell of.
                problem = str(error)
                self._replace(stored, replace(stored.work, error=problem))
                continue
            changed[after.state] += after != stored.work
        return Tick(
            windows=windows,
            submitted=changed[WorkState.SUBMITTED],
            succeeded=changed[WorkState.SUCCEEDED],
            failed=changed[WorkState.FAILED] + changed[WorkState.PLANNED],
            problem=problem,
        )

    def submit_now(self, work_id: str) -> None:
        """Submit this work's run, if it is its turn; else a later tick does.

        Raises DependencyUnavailableError, and MisconfiguredError where Databricks refuses it.
        """
        for stored in due(self._works.list_active(), self._clock()):
            if stored.work.work_id == work_id:
                self.advance(stored)

    def advance(self, stored: StoredWork) -> Work:
        """Submit the work's run, or see how it stands; returns the work as it then is."""
        before = stored.work
        after = self._submit(before) if before.state is WorkState.PLANNED else self._follow(before)
        self._replace(stored, after)
        return after

    def _replace(self, stored: StoredWork, after: Work) -> None:
        """Store a change; if another host was first, the next tick sees what it did."""
        if after != stored.work:
            self._works.replace(stored, after)

    def _plan(self) -> int:
        stored = self._works.read_backlog()
        commits = {
            partition.address: self._ledger.list_commits(
                partition.address,
                stored.backlog.read_from(partition.address),
                MOST_COMMITS_READ,
            )
            for partition in self._ledger.list_partitions()
            if partition.commits
        }
        windows, backlog = plan_windows(stored.backlog, commits, self._limits, self._clock())
        if backlog == stored.backlog and not windows:
            return 0
        for window in windows:
            self._write_manifest(window)
        works = [self._work(window) for window in windows]
        return len(windows) if self._works.create_windows(stored, backlog, works) else 0

    def _write_manifest(self, window: Window) -> None:
        digest = hashlib.sha256(window.manifest).hexdigest()
        self._lake.put_if_absent(manifest_path(window.window_id), window.manifest, digest)

    def _work(self, window: Window) -> Work:
        return Work(
            kind="window",
            work_id=window.window_id,
            contract=window.contract,
            path=manifest_path(window.window_id),
            source=window.window_id,
            created_at=self._clock(),
        )

    def _submit(self, work: Work) -> Work:
        run = self._runner.submit(request_run(work, self._lake_uri, self._timeout))
        return after_submit(work, run, self._clock())

    def _follow(self, work: Work) -> Work:
        outcome = self._runner.read_outcome(work.run_id) if work.run_id is not None else None
        if outcome is None:
            return work
        if outcome.error:
            return after_failure(work, outcome, self._clock(), self._backoff)
        figures, problem = self._read_report(work)
        return after_success(work, outcome, figures, problem)

    def _read_report(self, work: Work) -> tuple[RunFigures, str | None]:
        """Read what the run counted, and what kept that from being read.

        The verdict is Databricks's. A report that cannot be read does not change it.
        """
        for path in self._lake.list_files(report_path(work)):
            report = self._lake.read(path) if "/part-" in path else None
            if report:
                try:
                    return parse_figures(json.loads(report)), None
                except (ValueError, UnreadableFormatError) as error:
                    return RunFigures(), f"its report {path} cannot be read: {error}"
        return RunFigures(), None


def due(active: Sequence[StoredWork], now: datetime) -> list[StoredWork]:
    """The work to look at: what is under way, and what may be submitted beside it.

    One run at a time for each contract, oldest first, since two that merge into one Delta table
    at once would make each other fail. Work that had a problem comes last: what is slow to fail
    must not take the tick from the rest.
    """
    under_way = [item for item in active if item.work.state is WorkState.SUBMITTED]
    busy = {_table(item.work) for item in under_way}
    chosen = []
    for item in active:
        if item.work.may_be_submitted(now) and _table(item.work) not in busy:
            busy.add(_table(item.work))
            chosen.append(item)
    return sorted([*under_way, *chosen], key=lambda item: bool(item.work.error))


def _table(work: Work) -> str:
    return work.contract.partition("/")[0]

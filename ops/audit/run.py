"""Audit the ledger and the lake as they are, even while events land.

What is read first can only be behind what is read later. So it reads the windows, then the heads,
then the batches, and ignores batches that are newer than their head.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ops.audit.batches import BatchAudit, judge_batch
from ops.audit.files import read_content
from ops.audit.partitions import (
    GenerationAccount,
    GenerationAudit,
    judge_generation,
    judge_rows,
    without_state,
)
from ops.audit.problems import Kind, Problem
from ops.audit.redrives import RedrivenNumbers, touched_numbers
from ops.audit.windows import (
    AuditedManifest,
    CommittedFile,
    committed_files,
    judge_windows,
    judge_works,
    parse_manifest,
)
from ops.stack_service import Stores
from shared.hub.address import PartitionAddress
from shared.ledger.batch import CommittedBatch
from shared.ledger.partition import Partition
from shared.ledger.store import LedgerStore
from shared.transform.windows import manifest_path
from shared.transform.work import Work, WorkState
from shared.transform.work_store import WorkStore

WINDOWS_FOLDER = str(PurePosixPath(manifest_path("")).parent)
PAGE = 1000
EVERY = 1_000_000_000

# Audits batches, and gives the results in the batches' order.
AuditBatches = Callable[[Iterable[CommittedBatch]], Iterator[BatchAudit]]
# Called with how many batches are done, of how many, and how many events they had.
Progress = Callable[[int, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What to audit; None is all."""

    hub: str | None = None
    partition_id: str | None = None

    def __contains__(self, address: PartitionAddress) -> bool:
        """Whether a partition is to be audited."""
        is_hub = self.hub in (None, address.hub)
        return is_hub and self.partition_id in (None, address.partition_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The whole finding; `problems` has those of the generations too."""

    generations: tuple[GenerationAudit, ...]
    windows: int
    #: Windows whose rows a person has decided to leave out of silver.
    given_up: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether all holds."""
        return not self.problems


def audit_batch(batch: CommittedBatch, read: Callable[[str], bytes | None]) -> BatchAudit:
    """Read a batch's files and judge them."""
    contents = {
        path: None if data is None else read_content(file, batch.place, data)
        for path, file in {file.path: file for file in batch.files}.items()
        for data in (read(path),)
    }
    return judge_batch(batch, contents)


def run_audit(
    stores: Stores, scope: Scope, audit_batches: AuditBatches, progress: Progress
) -> Audit:
    """Audit what the scope covers; raises DependencyUnavailableError of the lake and ledger."""
    backlog = stores.works.read_backlog().backlog
    windows = list_windows(stores.works)
    given = {work.work_id for work in windows}
    written = {PurePosixPath(path).stem for path in stores.lake.list_files(WINDOWS_FOLDER)}
    known = [found for found in stores.ledger.list_partitions() if found.address in scope]
    run = _Run(audit_batches, progress, sum(partition.commits for partition in known))
    generations = [
        line for partition in known for line in run.audit_partition(stores.ledger, partition)
    ]
    manifests = (_manifest(stores, name, given) for name in sorted(given | written))
    audited = frozenset(partition.address for partition in known)
    of_windows = judge_windows(manifests, run.committed, backlog, audited)
    problems = [problem for line in generations for problem in line.problems]
    return Audit(
        generations=tuple(generations),
        windows=len(given),
        given_up=tuple(w.work_id for w in windows if w.state is WorkState.GIVEN_UP),
        problems=(*problems, *of_windows, *judge_works(windows)),
    )


class _Run:
    def __init__(self, audit_batches: AuditBatches, progress: Progress, commits: int) -> None:
        self._audit_batches, self._progress, self._commits = audit_batches, progress, commits
        self._done = self._events = 0
        self.committed: dict[str, CommittedFile] = {}

    def audit_partition(
        self, ledger: LedgerStore, partition: Partition
    ) -> Iterator[GenerationAudit]:
        """Audit all generations of a partition, in order."""
        commits = _by_number(_read_commits(ledger, partition), partition)
        batches = _by_number(_read_batches(ledger, partition), partition)
        known = [batch for _, batch in sorted({**batches, **commits}.items())]
        touched = touched_numbers(known)
        accounts = {
            partition.place(generation): GenerationAccount(
                redriven=RedrivenNumbers(touched=touched.get(generation.number, ()))
            )
            for generation in partition.generations
        }
        for batch, audited in zip(known, self._audit_batches(known), strict=True):
            account = accounts.setdefault(batch.place, GenerationAccount())
            account.add(batch, audited)
            account.problems += self._keep(batch)
            self._tell(batch)
        newest = partition.place(partition.current)
        accounts[newest].problems += judge_rows(partition, commits, batches)
        for generation in partition.generations:
            place = partition.place(generation)
            yield judge_generation(place, generation, accounts.pop(place))
        for place, account in sorted(accounts.items(), key=lambda item: item[0]):
            yield without_state(place, account)

    def _keep(self, batch: CommittedBatch) -> Iterator[Problem]:
        for item in committed_files(batch):
            path = item.file.path
            if path in self.committed:
                detail = f"commits {self.committed[path].number} and {item.number}"
                kind = Kind.FILE_CLAIMED_TWICE
                yield Problem(kind=kind, place=item.place, path=path, detail=detail)
            self.committed[path] = item

    def _tell(self, batch: CommittedBatch) -> None:
        self._done += 1
        self._events += sum(part.count for part in batch.ranges)
        self._progress(self._done, self._commits, self._events)


def _by_number(
    batches: Iterable[CommittedBatch], partition: Partition
) -> dict[int, CommittedBatch]:
    return {batch.number: batch for batch in batches if batch.number <= partition.commits}


def _read_commits(ledger: LedgerStore, partition: Partition) -> Iterator[CommittedBatch]:
    after = 0
    while page := ledger.list_commits(partition.address, after, PAGE):
        yield from page
        after = page[-1].number


def _read_batches(ledger: LedgerStore, partition: Partition) -> Iterator[CommittedBatch]:
    for generation in partition.generations:
        first = 0
        while page := ledger.list_batches(
            partition.address, first, PAGE, generation=generation.number
        ):
            yield from page
            first = page[-1].ranges[0].first + 1


def list_windows(works: WorkStore) -> Sequence[Work]:
    """Every window that was ever given to a run."""
    return (*works.list_failed("window", EVERY), *works.list_recent("window", EVERY))


def _manifest(stores: Stores, window_id: str, given: set[str]) -> AuditedManifest:
    data = stores.lake.read(manifest_path(window_id))
    return parse_manifest(window_id, data, is_given=window_id in given)

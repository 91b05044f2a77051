"""The ports in memory: real second implementations, with faults that a test can ask for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.errors import (
    Dependency,
    DependencyUnavailableError,
    LakeConflictError,
    MisconfiguredError,
)
from shared.hub.address import PartitionAddress
from shared.hub.events import Event
from shared.hub.properties import HubPartition
from shared.hub.sequence_range import SequenceRange
from shared.ledger.batch import CommittedBatch
from shared.ledger.generations import with_closed
from shared.ledger.partition import Generation, Partition
from shared.ledger.redrives import keep_together
from shared.ledger.store import Commit, StoredPartition
from shared.transform.requests import RunRequest
from shared.transform.windows import Backlog
from shared.transform.work import RunOutcome, SubmittedRun, Work, WorkKind
from shared.transform.work_store import StoredBacklog, StoredWork
from tests.builders import START


@dataclass
class MemoryLake:
    files: dict[str, bytes] = field(default_factory=dict)
    is_down: bool = False
    refuses_to_delete: bool = False
    writes: list[str] = field(default_factory=list)

    def put_if_absent(self, path: str, data: bytes, sha256: str) -> None:
        self._require_up()
        self.writes.append(path)
        if self.files.setdefault(path, data) != data:
            message = f"{path} holds other bytes"
            raise LakeConflictError(message, sha256=sha256)

    def read(self, path: str) -> bytes | None:
        self._require_up()
        return self.files.get(path)

    def list_files(self, folder: str) -> Sequence[str]:
        self._require_up()
        prefix = f"{folder}/"
        inside = [path for path in self.files if path.startswith(prefix)]
        return sorted(path for path in inside if "/" not in path.removeprefix(prefix))

    def list_folders(self, folder: str) -> Sequence[str]:
        self._require_up()
        prefix = f"{folder}/"
        inside = [path.removeprefix(prefix) for path in self.files if path.startswith(prefix)]
        return sorted({f"{prefix}{path.partition('/')[0]}" for path in inside if "/" in path})

    def delete(self, path: str) -> None:
        self._require_up()
        if self.refuses_to_delete:
            message = "the lake removes nothing"
            raise DependencyUnavailableError(message, dependency=Dependency.LAKE)
        self.files.pop(path, None)

    def _require_up(self) -> None:
        if self.is_down:
            message = "the lake is down"
            raise DependencyUnavailableError(message, dependency=Dependency.LAKE)


@dataclass
class MemoryLedger:
    """`lost_replies` commits take effect and then look like a change by somebody else.

    `after_commit` is what somebody else does right after the next commit.
    """

    heads: dict[PartitionAddress, StoredPartition] = field(default_factory=dict)
    closed: list[tuple[PartitionAddress, Generation]] = field(default_factory=list)
    batches: list[CommittedBatch] = field(default_factory=list)
    lost_replies: int = 0
    is_down: bool = False
    reads: int = 0
    commits: int = 0
    lists: int = 0
    after_commit: Callable[[], object] | None = None

    def read(self, address: PartitionAddress) -> StoredPartition | None:
        self._require_up()
        self.reads += 1
        return self.heads.get(address)

    def create(self, partition: Partition) -> StoredPartition:
        self._require_up()
        new = StoredPartition(partition=partition, etag="0")
        return self.heads.setdefault(partition.address, new)

    def commit(self, stored: StoredPartition, commit: Commit) -> StoredPartition | None:
        self._require_up()
        self.commits += 1
        address = stored.partition.address
        if self.heads[address].etag != stored.etag:
            return None
        after = StoredPartition(partition=commit.partition, etag=str(int(stored.etag) + 1))
        self.heads[address] = after
        self.batches += [commit.batch] if commit.batch else []
        self.closed += [(address, commit.closed)] if commit.closed else []
        is_lost, self.lost_replies = self.lost_replies > 0, max(0, self.lost_replies - 1)
        then, self.after_commit = self.after_commit, None
        if then:
            then()
        return None if is_lost else after

    def list_partitions(self) -> Sequence[Partition]:
        self._require_up()
        return [
            with_closed(stored.partition, [known for at, known in self.closed if at == address])
            for address, stored in sorted(self.heads.items())
        ]

    def list_batches(
        self,
        address: PartitionAddress,
        from_sequence_number: int,
        limit: int,
        *,
        generation: int | None = None,
    ) -> Sequence[CommittedBatch]:
        if generation is None:
            stored = self.read(address)
            generation = stored.partition.current.number if stored else 0
        found = [
            batch
            for batch in self._batches_of(address)
            if batch.generation == generation and batch.ranges[0].first >= from_sequence_number
        ]
        found.sort(key=lambda batch: (batch.ranges[0].first, batch.is_redrive, batch.number))
        return keep_together(found, limit)

    def list_commits(
        self, address: PartitionAddress, after: int, limit: int
    ) -> Sequence[CommittedBatch]:
        self.lists += 1
        found = [b for b in self._batches_of(address) if b.number > after]
        return sorted(found, key=lambda batch: batch.number)[:limit]

    def _batches_of(self, address: PartitionAddress) -> list[CommittedBatch]:
        self._require_up()
        return [batch for batch in self.batches if batch.address == address]

    def _require_up(self) -> None:
        if self.is_down:
            message = "the ledger is down"
            raise DependencyUnavailableError(message, dependency=Dependency.LEDGER)


@dataclass
class MemoryHub:
    """`partitions` are the first and last numbers; `events` are what can be read again."""

    partitions: dict[str, tuple[int, int]] = field(default_factory=lambda: {"0": (0, -1)})
    events: dict[str, dict[int, Event]] = field(default_factory=dict)
    created_at: datetime = START
    is_down: bool = False
    is_throttled: bool = False
    asked: int = 0
    name: str = "hub"
    before_reading: Callable[[], None] = lambda: None

    def hold(self, partition_id: str, *events: Event) -> None:
        """Hold these events, and none below or above."""
        numbers = [event.sequence_number for event in events]
        self.partitions[partition_id] = (min(numbers), max(numbers))
        self.events[partition_id] = {event.sequence_number: event for event in events}

    def remake(self, at: datetime) -> None:
        """Be deleted and made again, with nothing in it."""
        self.created_at, self.events = at, {}
        self.partitions = dict.fromkeys(self.partitions, (0, -1))

    def read_partitions(self) -> Sequence[HubPartition]:
        self._ask()
        return [self._partition(partition_id) for partition_id in self.partitions]

    def read_partition(self, partition_id: str) -> HubPartition:
        self._ask()
        return self._partition(partition_id)

    def read_again(self, partition_id: str, wanted: SequenceRange) -> Sequence[Event]:
        self.before_reading()
        if self.is_throttled:
            message = "the hub is busy"
            raise DependencyUnavailableError(message)
        held = self.events.get(partition_id, {})
        return [held[number] for number in sorted(held) if number in wanted]

    def _ask(self) -> None:
        self.asked += 1
        if self.is_down:
            message = "the hub is down"
            raise DependencyUnavailableError(message)

    def _partition(self, partition_id: str) -> HubPartition:
        begin, last = self.partitions[partition_id]
        return HubPartition(
            address=PartitionAddress(hub=self.name, partition_id=partition_id),
            begin=begin,
            last_enqueued=last,
            last_enqueued_at=START,
            created_at=self.created_at,
        )


@dataclass
class MemoryWorkStore:
    backlog: StoredBacklog = field(
        default_factory=lambda: StoredBacklog(backlog=Backlog(), etag=None)
    )
    works: dict[str, StoredWork] = field(default_factory=dict)
    failed: list[Work] = field(default_factory=list)
    ended: list[Work] = field(default_factory=list)
    refuses_changes: bool = False

    def read_backlog(self) -> StoredBacklog:
        return self.backlog

    def create_windows(
        self, stored: StoredBacklog, backlog: Backlog, windows: Sequence[Work]
    ) -> bool:
        if stored != self.backlog or any(self._is_known(work) for work in windows):
            return False
        etag = str(int(stored.etag or 0) + 1)
        self.backlog = StoredBacklog(backlog=backlog, etag=etag)
        for work in windows:
            self._put(work, "0")
        return True

    def create_upload(self, work: Work) -> bool:
        if self._is_known(work):
            return False
        self._put(work, "0")
        return True

    def list_active(self) -> Sequence[StoredWork]:
        return sorted(self.works.values(), key=lambda stored: stored.work.created_at)

    def replace(self, stored: StoredWork, work: Work) -> bool:
        if self.refuses_changes or self.works.get(work.work_id) != stored:
            return False
        self._put(work, str(int(stored.etag) + 1))
        return True

    def list_failed(self, kind: WorkKind, limit: int) -> Sequence[Work]:
        newest = sorted(self.failed, key=lambda work: work.created_at, reverse=True)
        return [work for work in newest if work.kind == kind][:limit]

    def settle(self, failed: Work, work: Work) -> bool:
        for place in (self.failed, self.ended):
            if failed in place:
                place.remove(failed)
                self._put(work, "0")
                return True
        return False

    def list_recent(self, kind: WorkKind, limit: int) -> Sequence[Work]:
        newest = sorted(self.ended, key=lambda work: work.created_at, reverse=True)
        recent = [*(stored.work for stored in self.list_active()), *newest]
        return [work for work in recent if work.kind == kind][:limit]

    def _is_known(self, work: Work) -> bool:
        known = (*self.works, *(ended.work_id for ended in (*self.failed, *self.ended)))
        return work.work_id in known

    def _put(self, work: Work, etag: str) -> None:
        if work.is_final:
            self.works.pop(work.work_id, None)
            (self.failed if work.waits_for_person else self.ended).append(work)
        else:
            self.works[work.work_id] = StoredWork(work=work, etag=etag)


@dataclass
class MemoryRunner:
    """Databricks: the same token is the same run; `lost_replies` submits take effect unseen."""

    runs: dict[str, int] = field(default_factory=dict)
    requests: list[RunRequest] = field(default_factory=list)
    outcomes: dict[int, RunOutcome] = field(default_factory=dict)
    is_down: bool = False
    refuses: bool = False
    unreadable: set[int] = field(default_factory=set)
    lost_replies: int = 0

    def submit(self, request: RunRequest) -> SubmittedRun:
        self._require_up()
        if self.refuses:
            message = "no such node type"
            raise MisconfiguredError(message)
        self.requests.append(request)
        run_id = self.runs.setdefault(request.idempotency_token, len(self.runs) + 1)
        if self.lost_replies:
            self.lost_replies -= 1
            message = "the reply was lost"
            raise DependencyUnavailableError(message)
        return SubmittedRun(run_id=run_id, url=f"http://run/{run_id}")

    def read_outcome(self, run_id: int) -> RunOutcome | None:
        self._require_up()
        if run_id in self.unreadable:
            message = f"Databricks does not tell of run {run_id}"
            raise DependencyUnavailableError(message)
        return self.outcomes.get(run_id)

    def _require_up(self) -> None:
        if self.is_down:
            message = "Databricks is down"
            raise DependencyUnavailableError(message)

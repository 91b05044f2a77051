"""The ports in memory: real second implementations, with faults that a test can ask for."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.errors import DependencyUnavailableError, LakeConflictError
from shared.ledger import CommittedBatch, PartitionState
from shared.ports import Commit, HubPartition, StoredState
from tests.builders import START


@dataclass
class MemoryLake:
    files: dict[str, bytes] = field(default_factory=dict)
    is_down: bool = False
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

    def _require_up(self) -> None:
        if self.is_down:
            message = "the lake is down"
            raise DependencyUnavailableError(message)


@dataclass
class MemoryLedger:
    """`lost_replies` commits take effect and then look like a change by somebody else."""

    heads: dict[tuple[str, str], StoredState] = field(default_factory=dict)
    closed: list[PartitionState] = field(default_factory=list)
    batches: list[CommittedBatch] = field(default_factory=list)
    lost_replies: int = 0
    is_down: bool = False
    reads: int = 0
    commits: int = 0

    def read(self, hub: str, partition_id: str) -> StoredState | None:
        self._require_up()
        self.reads += 1
        return self.heads.get((hub, partition_id))

    def create(self, state: PartitionState) -> StoredState:
        self._require_up()
        key = (state.hub, state.partition_id)
        return self.heads.setdefault(key, StoredState(state=state, etag="0"))

    def commit(self, stored: StoredState, commit: Commit) -> StoredState | None:
        self._require_up()
        self.commits += 1
        key = (stored.state.hub, stored.state.partition_id)
        if self.heads[key].etag != stored.etag:
            return None
        after = StoredState(state=commit.state, etag=str(int(stored.etag) + 1))
        self.heads[key] = after
        self.batches += [commit.batch] if commit.batch else []
        self.closed += [commit.closed] if commit.closed else []
        if self.lost_replies:
            self.lost_replies -= 1
            return None
        return after

    def list_states(self) -> Sequence[PartitionState]:
        self._require_up()
        states = [*self.closed, *(stored.state for stored in self.heads.values())]
        return sorted(states, key=lambda s: (s.hub, int(s.partition_id), s.generation))

    def list_batches(
        self, hub: str, partition_id: str, from_sequence_number: int, limit: int
    ) -> Sequence[CommittedBatch]:
        stored = self.read(hub, partition_id)
        found = [
            batch
            for batch in self._batches_of(hub, partition_id)
            if stored
            and batch.generation == stored.state.generation
            and batch.ranges[0].first >= from_sequence_number
        ]
        return sorted(found, key=lambda batch: batch.ranges[0].first)[:limit]

    def list_commits(
        self, hub: str, partition_id: str, after: int, limit: int
    ) -> Sequence[CommittedBatch]:
        found = [b for b in self._batches_of(hub, partition_id) if b.number > after]
        return sorted(found, key=lambda batch: batch.number)[:limit]

    def _batches_of(self, hub: str, partition_id: str) -> list[CommittedBatch]:
        self._require_up()
        return [b for b in self.batches if (b.hub, b.partition_id) == (hub, partition_id)]

    def _require_up(self) -> None:
        if self.is_down:
            message = "the ledger is down"
            raise DependencyUnavailableError(message)


@dataclass
class MemoryHub:
    partitions: dict[str, tuple[int, int]] = field(default_factory=lambda: {"0": (0, -1)})
    is_down: bool = False
    asked: int = 0

    def read_partitions(self) -> Sequence[HubPartition]:
        self.asked += 1
        if self.is_down:
            message = "the hub is down"
            raise DependencyUnavailableError(message)
        return [
            HubPartition(
                hub="hub",
                partition_id=partition_id,
                begin=begin,
                last_enqueued=last,
                last_enqueued_at=START,
            )
            for partition_id, (begin, last) in self.partitions.items()
        ]

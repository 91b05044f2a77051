"""Land a batch: plan, judge, encode, write the files, commit. The one path of every event."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.catalog import ContractCatalog
from shared.encoding.compression import Codec
from shared.encoding.reference_encoder import EncoderOf
from shared.errors import Dependency, DependencyUnavailableError
from shared.hub.address import PartitionAddress
from shared.hub.events import EventBatch, EventReader
from shared.hub.properties import HubReader
from shared.lake import Lake
from shared.landing.batch_files import EncodedFile, encode_batch
from shared.landing.circuit_breaker import CircuitBreaker
from shared.landing.fault_points import FaultPoint, Reach, pass_by
from shared.landing.heads import make_heads
from shared.landing.hub_witness import ask_hub
from shared.landing.orphans import find_orphans
from shared.ledger.batch import CommittedBatch, Counts
from shared.ledger.generations import (
    Delivered,
    HubWitness,
    close_generation,
    follows,
    needs_witness,
)
from shared.ledger.partition import Partition
from shared.ledger.planning import Plan, apply_commit, plan_batch
from shared.ledger.store import Commit, LedgerStore, StoredPartition
from shared.logs import Outcome

MOST_TRIES = 10
# For all partitions together. The lake's client keeps as many connections, or more.
MOST_WRITES_AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """What became of a batch: every event is landed, quarantined or a duplicate."""

    #: Of the new events where there are any, else of the batch as it came.
    batch_id: str
    #: The generation that the batch belongs to.
    generation: int
    #: Of the new events.
    counts: Counts
    #: Events that were committed before.
    duplicates: int
    #: The paths that the commit names.
    files: tuple[str, ...]
    #: How often it was planned: more than once where another owner committed meanwhile.
    tries: int
    #: Files of this batch's earlier tries, which another owner overtook.
    removed: tuple[str, ...]

    @property
    def outcome(self) -> Outcome:
        """How the log tells it; a quarantined event makes it a warning."""
        return Outcome(
            event="batch_landed",
            level=logging.WARNING if self.counts.quarantined else logging.INFO,
            fields={
                "batch_id": self.batch_id,
                "generation": self.generation,
                "landed": self.counts.landed,
                "quarantined": self.counts.quarantined,
                "duplicates": self.duplicates,
                "reasons": dict(self.counts.reasons),
                "files": len(self.files),
                "tries": self.tries,
                "removed": len(self.removed),
            },
        )


class Lander:
    """Lands batches through one lake and one ledger.

    Keeps each partition as of its last commit here, so a warm batch reads nothing before it
    commits. A partition that has changed since costs one conflict and one read.
    """

    def __init__(
        self,
        *,
        contracts: ContractCatalog,
        lake: Lake,
        ledger: LedgerStore,
        hub: HubReader,
        events: EventReader,
        codec: Codec,
        encoder_of: EncoderOf,
        clock: Callable[[], datetime],
        circuit_breaker: CircuitBreaker,
        reach: Reach = pass_by,
    ) -> None:
        """Keep the collaborators; does no I/O."""
        self._contracts, self._lake, self._ledger = contracts, lake, ledger
        self._hub, self._events, self._circuit_breaker = hub, events, circuit_breaker
        self._codec, self._clock, self._reach = codec, clock, reach
        self._encoder_of = encoder_of
        self._writers = ThreadPoolExecutor(MOST_WRITES_AT_ONCE, thread_name_prefix="write")
        self._known: dict[PartitionAddress, StoredPartition] = {}
        self._last: dict[PartitionAddress, Delivered] = {}

    def land(self, batch: EventBatch) -> Landing:
        """Land what is new of a batch, exactly once.

        Raises DependencyUnavailableError or LakeConflictError with nothing committed, or with a
        commit that the next try finds; never raises for what is in an event.
        """
        with self._circuit_breaker.attempt(batch.address):
            return self._land(batch)

    def _land(self, batch: EventBatch) -> Landing:
        address = batch.address
        stored = self._known.pop(address, None) or self._read(address)
        commits = stored.partition.commits
        written: set[str] = set()
        for tries in range(1, MOST_TRIES + 1):
            self._reach(FaultPoint.STATE_READ)
            plan = self._plan(stored.partition, batch)
            self._reach(FaultPoint.PLANNED)
            commit = self._write(plan, batch, written)
            self._reach(FaultPoint.FILES_WRITTEN)
            after = self._ledger.commit(stored, commit) or self._read(address)
            if after.partition == commit.partition:
                self._reach(FaultPoint.COMMITTED)
                self._known[address] = after
                self._last[address] = _last_of(batch, plan)
                left_behind = written.difference(_paths(commit.batch))
                removed = self._remove(left_behind, after.partition, commits)
                return _describe(batch, plan, commit.batch, tries, removed)
            self._reach(FaultPoint.OVERTAKEN)
            stored = after
        message = f"other owners of the partition were faster {MOST_TRIES} times in a row"
        batch_id = address.batch_id(batch.first, batch.last)
        raise DependencyUnavailableError(
            message, hint="the host's retry goes on", batch_id=batch_id
        )

    def _plan(self, partition: Partition, batch: EventBatch) -> Plan:
        if not needs_witness(partition, batch):
            return plan_batch(partition, batch)
        return plan_batch(partition, batch, self._find_witness(partition, batch))

    def _find_witness(self, partition: Partition, batch: EventBatch) -> HubWitness:
        """What the hub said of the batch that this one follows, or says now."""
        last, created_at = self._last.get(batch.address), partition.current.hub_created_at
        if last and created_at and follows(batch, last, partition):
            return HubWitness(hub_created_at=created_at, holds_first=True)
        return ask_hub(self._hub, self._events, partition, batch)

    def _read(self, address: PartitionAddress) -> StoredPartition:
        stored = self._ledger.read(address)
        if stored is None:
            make_heads(self._ledger, self._hub.read_partitions())
            stored = self._ledger.read(address)
        if stored is None:
            message = "the hub does not list a partition that it delivered from"
            raise DependencyUnavailableError(message, dependency=Dependency.HUB, partition=address)
        return stored

    def _write(self, plan: Plan, batch: EventBatch, written: set[str]) -> Commit:
        """Write the files of what is new, and make the commit that names them."""
        committed = self._write_files(plan, batch, written) if plan.new else None
        now = committed.committed_at if committed else self._clock()
        before = plan.partition.current
        return Commit(
            partition=apply_commit(plan, committed, now),
            batch=committed,
            closed=close_generation(before, now) if plan.begins_generation else None,
        )

    def _write_files(self, plan: Plan, batch: EventBatch, written: set[str]) -> CommittedBatch:
        events, place = batch.select(plan.new), plan.partition.place(plan.generation)
        encoded = encode_batch(
            events, place, self._contracts, self._codec, encoder_of=self._encoder_of
        )
        written.update(item.file.path for item in encoded.files)
        writes = [self._writers.submit(self._write_file, item) for item in encoded.files]
        # Wait for every write, so none is still running when the host retries.
        wait(writes)
        for write in writes:
            write.result()
        return CommittedBatch(
            batch_id=encoded.batch_id,
            number=plan.partition.commits + 1,
            address=batch.address,
            generation=plan.generation.number,
            ranges=plan.new,
            files=tuple(item.file for item in encoded.files),
            counts=encoded.counts,
            first_enqueued_at=events[0].enqueued_at,
            last_enqueued_at=events[-1].enqueued_at,
            committed_at=self._clock(),
        )

    def _write_file(self, item: EncodedFile) -> None:
        self._lake.put_if_absent(item.file.path, item.data, item.file.sha256)
        self._reach(FaultPoint.FILE_WRITTEN)

    def _remove(self, left_behind: set[str], partition: Partition, since: int) -> tuple[str, ...]:
        """Remove the files of overtaken tries that no commit `since` names.

        The batch is committed already, so a lake that is down stops nothing here: the sweeper
        removes the rest.
        """
        count = partition.commits - since
        if not (left_behind and count):
            return ()
        removed = []
        with suppress(DependencyUnavailableError):
            commits = self._ledger.list_commits(partition.address, since, count)
            named = {path for batch in commits for path in _paths(batch)}
            for path in find_orphans(sorted(left_behind), partition, named):
                self._lake.delete(path)
                removed.append(path)
        return tuple(removed)


def _last_of(batch: EventBatch, plan: Plan) -> Delivered:
    return Delivered(
        generation=plan.generation.number,
        sequence_number=batch.last,
        enqueued_at=batch.events[-1].enqueued_at,
    )


def _paths(batch: CommittedBatch | None) -> tuple[str, ...]:
    return tuple(file.path for file in batch.files) if batch else ()


def _describe(
    batch: EventBatch,
    plan: Plan,
    committed: CommittedBatch | None,
    tries: int,
    removed: tuple[str, ...],
) -> Landing:
    as_it_came = batch.address.batch_id(batch.first, batch.last)
    return Landing(
        batch_id=committed.batch_id if committed else as_it_came,
        generation=plan.generation.number,
        counts=sum(committed.counts.values(), Counts()) if committed else Counts(),
        duplicates=plan.duplicates,
        files=_paths(committed),
        tries=tries,
        removed=removed,
    )

"""Land a batch: plan, judge, encode, write the files, commit. The one path of every event."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.catalog import ContractCatalog
from shared.encoding.compression import Codec
from shared.encoding.record_blocks import EncoderOf
from shared.errors import Dependency, DependencyUnavailableError
from shared.hub.events import EventBatch, EventReader
from shared.hub.properties import HubReader
from shared.lake import Lake
from shared.landing.batch_files import EncodedFile, batch_id, encode_batch
from shared.landing.circuit_breaker import CircuitBreaker
from shared.landing.fault_points import FaultPoint, Reach, pass_by
from shared.landing.heads import make_heads
from shared.landing.hub_witness import ask_hub
from shared.landing.orphans import find_orphans
from shared.ledger.batch import CommittedBatch
from shared.ledger.counts import Counts
from shared.ledger.generations import (
    Delivered,
    HubWitness,
    close_generation,
    follows,
    needs_witness,
)
from shared.ledger.partition import PartitionState
from shared.ledger.planning import Plan, apply_commit, plan_batch
from shared.ledger.store import Commit, LedgerStore, StoredState

MOST_TRIES = 10
# Of all partitions together: as many as the lake's client keeps connections for, or fewer.
MOST_WRITES_AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """What became of a batch: every event is landed, quarantined or a duplicate.

    `batch_id` names the new events where there are any, else the batch as it came; `removed` are
    the files of tries that another owner overtook.
    """

    batch_id: str
    generation: int
    counts: Counts
    duplicates: int
    files: tuple[str, ...]
    tries: int
    removed: tuple[str, ...]


class Lander:
    """Lands batches through one lake and one ledger.

    Keeps each partition's state as of its last commit here, so that a warm batch reads nothing
    before it commits; a state that has become stale costs one conflict and one read.
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
        breaker: CircuitBreaker,
        reach: Reach = pass_by,
    ) -> None:
        """Keep the collaborators; does no I/O."""
        self._contracts, self._lake, self._ledger = contracts, lake, ledger
        self._hub, self._events, self._breaker = hub, events, breaker
        self._codec, self._clock, self._reach = codec, clock, reach
        self._encoder_of = encoder_of
        self._writers = ThreadPoolExecutor(MOST_WRITES_AT_ONCE, thread_name_prefix="write")
        self._known: dict[tuple[str, str], StoredState] = {}
        self._last: dict[tuple[str, str], Delivered] = {}

    def land(self, batch: EventBatch) -> Landing:
        """Land what is new of a batch, exactly once.

        Raises DependencyUnavailableError or LakeConflictError with nothing committed, or with a
        commit that the next try finds; never raises for what is in an event.
        """
        with self._breaker.attempt(batch.hub, batch.partition_id):
            return self._land(batch)

    def _land(self, batch: EventBatch) -> Landing:
        key = (batch.hub, batch.partition_id)
        stored = self._known.pop(key, None) or self._read(*key)
        commits = stored.state.commits
        written: set[str] = set()
        for tries in range(1, MOST_TRIES + 1):
            self._reach(FaultPoint.STATE_READ)
            plan = self._plan(stored.state, batch)
            self._reach(FaultPoint.PLANNED)
            commit = self._write(plan, stored.state, batch, written)
            self._reach(FaultPoint.FILES_WRITTEN)
            after = self._ledger.commit(stored, commit) or self._read(*key)
            if after.state == commit.state:
                self._reach(FaultPoint.COMMITTED)
                self._known[key] = after
                self._last[key] = _last_of(batch, plan)
                left_behind = written.difference(_paths(commit.batch))
                removed = self._remove(left_behind, after.state, commits)
                return _describe(batch, plan, commit.batch, tries, removed)
            self._reach(FaultPoint.OVERTAKEN)
            stored = after
        message = f"other owners of the partition were faster {MOST_TRIES} times in a row"
        ids = batch_id(batch.hub, batch.partition_id, batch.first, batch.last)
        raise DependencyUnavailableError(message, hint="the host's retry goes on", batch_id=ids)

    def _plan(self, state: PartitionState, batch: EventBatch) -> Plan:
        if not needs_witness(state, batch):
            return plan_batch(state, batch)
        return plan_batch(state, batch, self._find_witness(state, batch))

    def _find_witness(self, state: PartitionState, batch: EventBatch) -> HubWitness:
        """What the hub said of the batch that this one follows, or says now."""
        last = self._last.get((batch.hub, batch.partition_id))
        if last and state.hub_created_at and follows(batch, last, state):
            return HubWitness(hub_created_at=state.hub_created_at, holds_first=True)
        return ask_hub(self._hub, self._events, state, batch)

    def _read(self, hub: str, partition_id: str) -> StoredState:
        stored = self._ledger.read(hub, partition_id)
        if stored is None:
            make_heads(self._ledger, self._hub.read_partitions())
            stored = self._ledger.read(hub, partition_id)
        if stored is None:
            message = "the hub does not list a partition that it delivered from"
            raise DependencyUnavailableError(
                message, dependency=Dependency.HUB, hub=hub, partition_id=partition_id
            )
        return stored

    def _write(
        self, plan: Plan, before: PartitionState, batch: EventBatch, written: set[str]
    ) -> Commit:
        """Write the files of what is new, and make the commit that names them."""
        committed = self._write_files(plan, batch, written) if plan.new else None
        now = committed.committed_at if committed else self._clock()
        ends_generation = plan.base.generation > before.generation
        return Commit(
            state=apply_commit(plan, committed, now),
            batch=committed,
            closed=close_generation(before, now) if ends_generation else None,
        )

    def _write_files(self, plan: Plan, batch: EventBatch, written: set[str]) -> CommittedBatch:
        events = batch.select(plan.new)
        encoded = encode_batch(
            events, plan.base, self._contracts, self._codec, encoder_of=self._encoder_of
        )
        written.update(item.file.path for item in encoded.files)
        writes = [self._writers.submit(self._write_file, item) for item in encoded.files]
        # All of them, before one that failed has the host try the batch again.
        wait(writes)
        for write in writes:
            write.result()
        return CommittedBatch(
            batch_id=encoded.batch_id,
            number=plan.base.commits + 1,
            hub=batch.hub,
            partition_id=batch.partition_id,
            generation=plan.base.generation,
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

    def _remove(self, left_behind: set[str], state: PartitionState, since: int) -> tuple[str, ...]:
        """Remove the files of overtaken tries that no commit `since` names, as far as it goes.

        What cannot be removed now, reconcile removes: the batch is committed, and that counts.
        """
        count = state.commits - since
        if not (left_behind and count):
            return ()
        removed = []
        with suppress(DependencyUnavailableError):
            commits = self._ledger.list_commits(state.hub, state.partition_id, since, count)
            named = {path for batch in commits for path in _paths(batch)}
            for path in find_orphans(sorted(left_behind), state, named):
                self._lake.delete(path)
                removed.append(path)
        return tuple(removed)


def _last_of(batch: EventBatch, plan: Plan) -> Delivered:
    return Delivered(
        generation=plan.base.generation,
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
    as_it_came = batch_id(batch.hub, batch.partition_id, batch.first, batch.last)
    return Landing(
        batch_id=committed.batch_id if committed else as_it_came,
        generation=plan.base.generation,
        counts=sum(committed.counts.values(), Counts()) if committed else Counts(),
        duplicates=plan.duplicates,
        files=_paths(committed),
        tries=tries,
        removed=removed,
    )

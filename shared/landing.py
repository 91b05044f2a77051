"""Land a batch: plan, judge, encode, write the files, commit. The one path of every event."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from shared.batch_encoding import batch_id, encode_batch
from shared.container_file import Codec
from shared.contracts import Contracts
from shared.errors import DependencyUnavailableError
from shared.events import EventBatch
from shared.heads import make_heads
from shared.ledger import (
    CommittedBatch,
    Counts,
    PartitionState,
    Plan,
    apply_commit,
    close_generation,
    plan_batch,
)
from shared.ports import Commit, HubReader, Lake, LedgerStore, StoredState

MOST_TRIES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """What became of a batch: every event is landed, quarantined or a duplicate.

    `batch_id` names the new events where there are any, else the batch as it came.
    """

    batch_id: str
    generation: int
    counts: Counts
    duplicates: int
    files: tuple[str, ...]
    tries: int


class Lander:
    """Lands batches through one lake and one ledger.

    Keeps each partition's state as of its last commit here, so that a warm batch reads nothing
    before it commits; a state that has become stale costs one conflict and one read.
    """

    def __init__(
        self,
        *,
        contracts: Contracts,
        lake: Lake,
        ledger: LedgerStore,
        hub: HubReader,
        codec: Codec,
        clock: Callable[[], datetime],
    ) -> None:
        """Keep the collaborators; does no I/O."""
        self._contracts, self._lake, self._ledger, self._hub = contracts, lake, ledger, hub
        self._codec, self._clock = codec, clock
        self._known: dict[tuple[str, str], StoredState] = {}

    def land(self, batch: EventBatch) -> Landing:
        """Land what is new of a batch, exactly once.

        Raises DependencyUnavailableError or LakeConflictError with nothing committed, or with a
        commit that the next try finds; never raises for what is in an event.
        """
        key = (batch.hub, batch.partition_id)
        stored = self._known.pop(key, None) or self._read(*key)
        for tries in range(1, MOST_TRIES + 1):
            plan = plan_batch(stored.state, batch)
            commit = self._write(plan, stored.state, batch)
            after = self._ledger.commit(stored, commit) or self._read(*key)
            if after.state == commit.state:
                self._known[key] = after
                return _describe(batch, plan, commit.batch, tries)
            stored = after
        message = f"other owners of the partition were faster {MOST_TRIES} times in a row"
        ids = batch_id(batch.hub, batch.partition_id, batch.first, batch.last)
        raise DependencyUnavailableError(message, hint="the host's retry goes on", batch_id=ids)

    def _read(self, hub: str, partition_id: str) -> StoredState:
        stored = self._ledger.read(hub, partition_id)
        if stored is None:
            make_heads(self._ledger, self._hub.read_partitions())
            stored = self._ledger.read(hub, partition_id)
        if stored is None:
            message = "the hub does not list a partition that it delivered from"
            raise DependencyUnavailableError(message, hub=hub, partition_id=partition_id)
        return stored

    def _write(self, plan: Plan, before: PartitionState, batch: EventBatch) -> Commit:
        """Write the files of what is new, and make the commit that names them."""
        now = self._clock()
        committed = self._write_files(plan, batch, now) if plan.new else None
        ends_generation = plan.base.generation > before.generation
        return Commit(
            state=apply_commit(plan, committed, now),
            batch=committed,
            closed=close_generation(before, now) if ends_generation else None,
        )

    def _write_files(self, plan: Plan, batch: EventBatch, now: datetime) -> CommittedBatch:
        events = batch.select(plan.new)
        encoded = encode_batch(events, plan.base, self._contracts, self._codec)
        for item in encoded.files:
            self._lake.put_if_absent(item.file.path, item.data, item.file.sha256)
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
            committed_at=now,
        )


def _describe(
    batch: EventBatch, plan: Plan, committed: CommittedBatch | None, tries: int
) -> Landing:
    as_it_came = batch_id(batch.hub, batch.partition_id, batch.first, batch.last)
    return Landing(
        batch_id=committed.batch_id if committed else as_it_came,
        generation=plan.base.generation,
        counts=sum(committed.counts.values(), Counts()) if committed else Counts(),
        duplicates=plan.duplicates,
        files=tuple(file.path for file in committed.files) if committed else (),
        tries=tries,
    )

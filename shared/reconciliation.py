"""Hold the ledger against the hub: read again what is missing, and land it as any batch."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.errors import DependencyUnavailableError
from shared.events import EventBatch, SequenceRange
from shared.gaps import Missing, find_missing, lose
from shared.heads import make_heads
from shared.landing import Lander
from shared.ledger import GapState, PartitionState
from shared.ports import Commit, EventReader, HubPartition, LedgerStore, StoredState

EVENTS_AT_ONCE = 2000
PARTITIONS_AT_ONCE = 4
# Well within the function timeout; what is left is the next tick's.
TICK = timedelta(seconds=120)
# For so long a head may stand still while the hub is ahead, before nobody seems to read.
STUCK = timedelta(seconds=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciledPartition:
    """What was done for a partition; `problem` says what kept more from being done."""

    partition_id: str
    replayed: int = 0
    lost: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What one tick did: the heads that it made, and the partitions that needed something."""

    heads_made: tuple[str, ...]
    partitions: tuple[ReconciledPartition, ...]


class Reconciler:
    """Finds gaps, fills them through the lander, and names what the hub no longer holds."""

    def __init__(
        self,
        *,
        ledger: LedgerStore,
        read_partitions: Callable[[], Sequence[HubPartition]],
        events: EventReader,
        lander: Lander,
        clock: Callable[[], datetime],
    ) -> None:
        """Keep the collaborators; does no I/O."""
        self._ledger, self._read_partitions = ledger, read_partitions
        self._events, self._lander, self._clock = events, lander, clock
        self._standing: dict[str, tuple[PartitionState, datetime]] = {}

    def tick(self) -> Reconciliation:
        """Do what one tick has time for; raises DependencyUnavailableError of hub and ledger."""
        until = self._clock() + TICK
        partitions = self._read_partitions()
        made = make_heads(self._ledger, partitions)
        with ThreadPoolExecutor(PARTITIONS_AT_ONCE) as pool:
            done = list(pool.map(lambda item: self._reconcile(item, until), partitions))
        return Reconciliation(
            heads_made=made,
            partitions=tuple(item for item in done if item.replayed or item.lost or item.problem),
        )

    def _reconcile(self, partition: HubPartition, until: datetime) -> ReconciledPartition:
        replayed = lost = 0
        try:
            stored = self._ledger.read(partition.hub, partition.partition_id)
            if stored is not None:
                stored, lost = self._lose(stored, partition)
                is_stuck = self._is_stuck(stored.state)
                for missing in find_missing(stored.state, partition, is_stuck=is_stuck):
                    replayed += self._replay(missing, stored.state, partition, until)
        except DependencyUnavailableError as error:
            return ReconciledPartition(
                partition_id=partition.partition_id,
                replayed=replayed,
                lost=lost,
                problem=str(error),
            )
        return ReconciledPartition(
            partition_id=partition.partition_id, replayed=replayed, lost=lost
        )

    def _lose(self, stored: StoredState, partition: HubPartition) -> tuple[StoredState, int]:
        """Name what retention has taken; where somebody commits meanwhile, the next tick does."""
        after = lose(stored.state, partition, self._clock())
        if after == stored.state:
            return stored, 0
        written = self._ledger.commit(stored, Commit(state=after))
        if written is None:
            return stored, 0
        return written, after.in_gaps(GapState.LOST) - stored.state.in_gaps(GapState.LOST)

    def _is_stuck(self, state: PartitionState) -> bool:
        """Whether the head has stood where it is for as long as this instance has watched it."""
        now = self._clock()
        before, since = self._standing.get(state.partition_id, (state, now))
        moved = (before.generation, before.head) != (state.generation, state.head)
        since = now if moved else since
        self._standing[state.partition_id] = (state, since)
        return now - since >= STUCK

    def _replay(
        self, missing: Missing, state: PartitionState, partition: HubPartition, until: datetime
    ) -> int:
        """Land a range piece by piece, through the path of every batch; returns what was read."""
        position, last = missing.range.first, missing.range.last
        if missing.is_tail and not self._is_same_generation(state, partition):
            position = partition.begin
        replayed = 0
        while position <= last and self._clock() < until:
            piece = SequenceRange(first=position, last=min(last, position + EVENTS_AT_ONCE - 1))
            events = self._events.read_again(partition.partition_id, piece)
            if not events:
                break
            batch = EventBatch(
                hub=partition.hub, partition_id=partition.partition_id, events=tuple(events)
            )
            self._lander.land(batch)
            replayed += len(events)
            position = batch.last + 1
        return replayed

    def _is_same_generation(self, state: PartitionState, partition: HubPartition) -> bool:
        """Whether the hub's event before the head is the one that is committed there.

        A hub made anew may have grown past the head: from there on its events would look like the
        old one's. Where the hub holds that event no more, nothing can tell.
        """
        before_head = state.head - 1
        if state.head_enqueued_at is None or not partition.begin <= before_head:
            return True
        only = SequenceRange(first=before_head, last=before_head)
        events = self._events.read_again(partition.partition_id, only)
        return not events or events[0].enqueued_at == state.head_enqueued_at

"""Hold the ledger against hub and lake: land what is missing, remove what was left behind."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.errors import DependencyUnavailableError
from shared.hub.events import EventBatch, EventReader
from shared.hub.properties import HubPartition, HubReader
from shared.hub.sequence_range import SequenceRange
from shared.landing.heads import make_heads
from shared.landing.lander import Lander
from shared.landing.sweeper import Sweeper
from shared.ledger.gaps import find_missing, mark
from shared.ledger.partition import GapState, PartitionState
from shared.ledger.store import Commit, LedgerStore, StoredState

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
    """What one tick did: heads made, partitions that needed something, files removed.

    `problem` says what kept more files from being removed.
    """

    heads_made: tuple[str, ...]
    partitions: tuple[ReconciledPartition, ...]
    removed: tuple[str, ...] = ()
    problem: str = ""


class Reconciler:
    """Finds gaps, fills them through the lander, and names what the hub no longer holds."""

    def __init__(
        self,
        *,
        ledger: LedgerStore,
        hub: HubReader,
        read_partitions: Callable[[], Sequence[HubPartition]],
        events: EventReader,
        lander: Lander,
        sweeper: Sweeper,
        clock: Callable[[], datetime],
    ) -> None:
        """Keep the collaborators; does no I/O."""
        self._ledger, self._hub, self._read_partitions = ledger, hub, read_partitions
        self._events, self._lander, self._clock = events, lander, clock
        self._sweeper = sweeper
        self._standing: dict[str, tuple[PartitionState, datetime]] = {}

    def tick(self) -> Reconciliation:
        """Do what one tick has time for; raises DependencyUnavailableError of hub and ledger."""
        until = self._clock() + TICK
        partitions = self._read_partitions()
        made = make_heads(self._ledger, partitions)
        with ThreadPoolExecutor(PARTITIONS_AT_ONCE) as pool:
            done = list(pool.map(lambda item: self._reconcile(item, until), partitions))
        needed = tuple(item for item in done if item.replayed or item.lost or item.problem)
        try:
            removed = tuple(self._sweeper.sweep())
        except DependencyUnavailableError as error:
            return Reconciliation(heads_made=made, partitions=needed, problem=str(error))
        return Reconciliation(heads_made=made, partitions=needed, removed=removed)

    def _reconcile(self, partition: HubPartition, until: datetime) -> ReconciledPartition:
        replayed = lost = 0
        try:
            stored = self._ledger.read(partition.hub, partition.partition_id)
            if stored is not None and stored.state.hub_created_at != partition.created_at:
                # The hub was asked before the ledger was: what does not fit is asked again.
                partition = self._hub.read_partition(partition.partition_id)
            marked = self._mark(stored, partition) if stored else None
            if stored and marked:
                lost = _lost(marked) - _lost(stored.state)
                is_stuck = self._is_stuck(marked)
                for missing in find_missing(marked, partition, is_stuck=is_stuck):
                    replayed += self._replay(missing, partition, until)
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

    def _mark(self, stored: StoredState, partition: HubPartition) -> PartitionState | None:
        """Mark it in the ledger; None where somebody commits meanwhile: the next tick does it."""
        after, closed = mark(stored.state, partition, self._clock())
        if after == stored.state:
            return after
        written = self._ledger.commit(stored, Commit(state=after, closed=closed))
        return written.state if written else None

    def _is_stuck(self, state: PartitionState) -> bool:
        """Whether the head has stood where it is for as long as this instance has watched it."""
        now = self._clock()
        before, since = self._standing.get(state.partition_id, (state, now))
        moved = (before.generation, before.head) != (state.generation, state.head)
        since = now if moved else since
        self._standing[state.partition_id] = (state, since)
        return now - since >= STUCK

    def _replay(self, missing: SequenceRange, partition: HubPartition, until: datetime) -> int:
        """Land a range piece by piece, through the path of every batch; returns what was read."""
        position, replayed = missing.first, 0
        while position <= missing.last and self._clock() < until:
            last = min(missing.last, position + EVENTS_AT_ONCE - 1)
            piece = SequenceRange(first=position, last=last)
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


def _lost(state: PartitionState) -> int:
    return sum(known.in_gaps(GapState.LOST) for known in (*state.ended, state))

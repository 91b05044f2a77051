"""Compare the ledger with hub and lake: land what is missing, remove what was left behind."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from shared.errors import DependencyUnavailableError
from shared.hub.address import PartitionAddress
from shared.hub.events import EventBatch, EventReader
from shared.hub.properties import HubPartition, HubReader
from shared.hub.sequence_range import SequenceRange
from shared.landing.heads import make_heads
from shared.landing.lander import Lander
from shared.landing.sweeper import Sweeper
from shared.ledger.gaps import find_missing, mark
from shared.ledger.partition import GapState, Generation, Partition
from shared.ledger.store import Commit, LedgerStore, StoredPartition
from shared.logs import Outcome

EVENTS_AT_ONCE = 2000
PARTITIONS_AT_ONCE = 4
# Well within the function's timeout; the next tick does the rest.
TICK = timedelta(seconds=120)
# A head that is behind the hub and unmoved for this long has no reader.
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

    @property
    def outcome(self) -> Outcome:
        """How the log tells it; a partition that needed something makes it a warning."""
        return Outcome(
            event="partitions_reconciled",
            level=logging.WARNING if self.partitions or self.problem else logging.INFO,
            fields=asdict(self),
        )


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
        self._standing: dict[PartitionAddress, tuple[Generation, datetime]] = {}

    def tick(self) -> Reconciliation:
        """Do what one tick has time for; raises DependencyUnavailableError of hub and ledger."""
        until = self._clock() + TICK
        partitions = self._read_partitions()
        made = tuple(item.partition_id for item in make_heads(self._ledger, partitions))
        with ThreadPoolExecutor(PARTITIONS_AT_ONCE) as pool:
            done = list(pool.map(lambda item: self._reconcile(item, until), partitions))
        needed = tuple(item for item in done if item.replayed or item.lost or item.problem)
        try:
            removed = tuple(self._sweeper.sweep())
        except DependencyUnavailableError as error:
            return Reconciliation(heads_made=made, partitions=needed, problem=str(error))
        return Reconciliation(heads_made=made, partitions=needed, removed=removed)

    def _reconcile(self, told: HubPartition, until: datetime) -> ReconciledPartition:
        partition_id = told.address.partition_id
        replayed = lost = 0
        problem = ""
        try:
            stored = self._ledger.read(told.address)
            if stored and stored.partition.current.hub_created_at != told.created_at:
                # The hub was asked before the ledger was read. If the two do not fit, ask again.
                told = self._hub.read_partition(partition_id)
            marked = self._mark(stored, told) if stored else None
            if stored and marked:
                lost = _lost(marked) - _lost(stored.partition)
                is_stuck = self._is_stuck(marked)
                for missing in find_missing(marked.current, told, is_stuck=is_stuck):
                    replayed += self._replay(missing, told.address, until)
        except DependencyUnavailableError as error:
            problem = str(error)
        return ReconciledPartition(
            partition_id=partition_id, replayed=replayed, lost=lost, problem=problem
        )

    def _mark(self, stored: StoredPartition, told: HubPartition) -> Partition | None:
        """Store what is lost; None if somebody committed meanwhile: the next tick does it."""
        after, closed = mark(stored.partition, told, self._clock())
        if after == stored.partition:
            return after
        written = self._ledger.commit(stored, Commit(partition=after, closed=closed))
        return written.partition if written else None

    def _is_stuck(self, partition: Partition) -> bool:
        """Whether this instance has seen the head stand still for STUCK."""
        now, current = self._clock(), partition.current
        before, since = self._standing.get(partition.address, (current, now))
        has_moved = (before.number, before.head) != (current.number, current.head)
        since = now if has_moved else since
        self._standing[partition.address] = (current, since)
        return now - since >= STUCK

    def _replay(self, missing: SequenceRange, address: PartitionAddress, until: datetime) -> int:
        """Land a range piece by piece, through the path of every batch; returns what was read."""
        position, replayed = missing.first, 0
        while position <= missing.last and self._clock() < until:
            last = min(missing.last, position + EVENTS_AT_ONCE - 1)
            piece = SequenceRange(first=position, last=last)
            events = self._events.read_again(address.partition_id, piece)
            if not events:
                break
            batch = EventBatch(address=address, events=tuple(events))
            self._lander.land(batch)
            replayed += len(events)
            position = batch.last + 1
        return replayed


def _lost(partition: Partition) -> int:
    return sum(known.in_gaps(GapState.LOST) for known in partition.generations)

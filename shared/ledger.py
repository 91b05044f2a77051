"""The ledger's core: plan what a batch brings, and apply a commit to a partition's state.

For one generation of a partition, committed numbers and gaps (open or lost) are disjoint and
together exactly [start, head). Both functions are pure; the store makes a commit one transaction.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from shared.events import EventBatch, SequenceRange


class GapState(StrEnum):
    """A gap is open until it is filled, or lost when the hub no longer holds it."""

    OPEN = "open"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Sequence numbers below the head that are not committed."""

    range: SequenceRange
    state: GapState
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many events ended how; `reasons` counts the quarantined by reason code."""

    landed: int = 0
    quarantined: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: "Counts") -> "Counts":
        """Add up two counts."""
        return Counts(
            landed=self.landed + other.landed,
            quarantined=self.quarantined + other.quarantined,
            reasons=_sum(self.reasons, other.reasons),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionState:
    """What the ledger knows of one generation of a partition: [start, head) and its gaps.

    `commits` counts the commits of all generations, which tells the order in which they were
    made. `counts` is by contract (`name/version`, or empty where the contract is unknown);
    `head_enqueued_at` is the enqueued time of the newest committed event, None before the first.
    """

    hub: str
    partition_id: str
    generation: int
    start: int
    head: int
    head_enqueued_at: datetime | None = None
    gaps: tuple[Gap, ...] = ()
    duplicates: int = 0
    commits: int = 0
    counts: Mapping[str, Counts] = field(default_factory=dict)

    @property
    def total(self) -> Counts:
        """The counts of all contracts together."""
        return sum(self.counts.values(), Counts())

    def in_gaps(self, state: GapState) -> int:
        """How many sequence numbers are in gaps of this state."""
        return sum(gap.range.count for gap in self.gaps if gap.state is state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a batch brings to a partition: the numbers that are new, and how many are not.

    `base` is the state that the commit starts from: the ledger's, or a fresh generation's.
    """

    base: PartitionState
    new: tuple[SequenceRange, ...]
    duplicates: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LandedFile:
    """One file of a committed batch; `contract` is empty for a quarantine file."""

    path: str
    contract: str
    records: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedBatch:
    """What one commit adds to a partition: its ranges, its files and its counts."""

    batch_id: str
    number: int
    hub: str
    partition_id: str
    generation: int
    ranges: tuple[SequenceRange, ...]
    files: tuple[LandedFile, ...]
    counts: Mapping[str, Counts]
    first_enqueued_at: datetime
    last_enqueued_at: datetime
    committed_at: datetime


def plan_batch(state: PartitionState, batch: EventBatch) -> Plan:
    """Tell which of the batch's sequence numbers are new to the partition.

    Outside [start, head) all are; inside only those in a gap. Numbers below the head that entered
    the hub after the head's event belong to a hub made anew (design, the ledger's invariants).
    """
    base = _next_generation(state) if _is_recreated(state, batch) else state
    new = tuple(_new_ranges(base, batch.ranges))
    planned = sum(part.count for part in new)
    return Plan(base=base, new=new, duplicates=len(batch.events) - planned)


def apply_commit(plan: Plan, batch: CommittedBatch | None, at: datetime) -> PartitionState:
    """Return the partition's state after a plan's commit; `batch` is None if nothing was new."""
    state = replace(plan.base, duplicates=plan.base.duplicates + plan.duplicates)
    if batch is None:
        return state
    for part in batch.ranges:
        state = _cover(state, part, at)
    reaches_head = batch.ranges[-1].last + 1 == state.head
    return replace(
        state,
        head_enqueued_at=batch.last_enqueued_at if reaches_head else state.head_enqueued_at,
        commits=batch.number,
        counts=_merge(state.counts, batch.counts),
    )


def close_generation(state: PartitionState, at: datetime) -> PartitionState:
    """Return the last state of a generation: what it still misses went with the hub."""
    gaps = tuple(
        replace(gap, state=GapState.LOST, since=at) if gap.state is GapState.OPEN else gap
        for gap in state.gaps
    )
    return replace(state, gaps=gaps)


def _is_recreated(state: PartitionState, batch: EventBatch) -> bool:
    first = batch.events[0]
    return (
        state.head_enqueued_at is not None
        and first.sequence_number < state.head
        and first.enqueued_at > state.head_enqueued_at
    )


def _next_generation(state: PartitionState) -> PartitionState:
    return PartitionState(
        hub=state.hub,
        partition_id=state.partition_id,
        generation=state.generation + 1,
        start=0,
        head=0,
        commits=state.commits,
    )


def _new_ranges(state: PartitionState, ranges: Iterable[SequenceRange]) -> Iterable[SequenceRange]:
    for part in ranges:
        if part.first < state.start:
            yield SequenceRange(first=part.first, last=min(part.last, state.start - 1))
        for gap in state.gaps:
            if filled := gap.range.intersection(part):
                yield filled
        if part.last >= state.head:
            yield SequenceRange(first=max(part.first, state.head), last=part.last)


def _cover(state: PartitionState, part: SequenceRange, at: datetime) -> PartitionState:
    gaps = [replace(gap, range=rest) for gap in state.gaps for rest in gap.range.without(part)]
    for first, last in ((state.head, part.first - 1), (part.last + 1, state.start - 1)):
        if first <= last:
            skipped = SequenceRange(first=first, last=last)
            gaps.append(Gap(range=skipped, state=GapState.OPEN, since=at))
    return replace(
        state,
        start=min(state.start, part.first),
        head=max(state.head, part.last + 1),
        gaps=tuple(sorted(gaps, key=lambda gap: gap.range)),
    )


def _merge(mine: Mapping[str, Counts], theirs: Mapping[str, Counts]) -> dict[str, Counts]:
    names = sorted({*mine, *theirs})
    return {name: mine.get(name, Counts()) + theirs.get(name, Counts()) for name in names}


def _sum(mine: Mapping[str, int], theirs: Mapping[str, int]) -> dict[str, int]:
    return {key: mine.get(key, 0) + theirs.get(key, 0) for key in sorted({*mine, *theirs})}

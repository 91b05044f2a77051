"""The ledger's core: plan what a batch brings, and apply a commit to a partition's state.

For one generation of a partition, committed numbers and gaps (open or lost) are disjoint and
together exactly [start, head). Both functions are pure; the store makes a commit one transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from shared.hub.events import EventBatch
from shared.hub.sequence_range import SequenceRange
from shared.ledger.batch import CommittedBatch
from shared.ledger.counts import merge_counts
from shared.ledger.generations import (
    HubWitness,
    close_generation,
    end_with,
    find_generation,
    latest_enqueued_at,
)
from shared.ledger.partition import Gap, GapState, PartitionState


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a batch brings to a partition: the numbers that are new, and how many are not.

    `base` is what the commit adds to: the partition's `state`, one of its ended generations, or
    a fresh one. `enqueued_at` are the batch's earliest and latest times, anywhere in it.
    """

    state: PartitionState
    base: PartitionState
    enqueued_at: tuple[datetime, datetime]
    new: tuple[SequenceRange, ...]
    duplicates: int


def plan_batch(state: PartitionState, batch: EventBatch, witness: HubWitness | None = None) -> Plan:
    """Tell which of the batch's sequence numbers are new to the partition.

    Outside [start, head) all are; inside only those in a gap. Which generation's, the witness
    says (`needs_witness`); without one, numbers below the head that entered the hub after all that
    is committed belong to a hub made anew, and those from before it to the one that ended.
    """
    times = [event.enqueued_at for event in batch.events]
    span = min(times), max(times)
    base = find_generation(state, batch, witness)
    new = tuple(_new_ranges(base, batch.ranges)) if base else ()
    planned = sum(part.count for part in new)
    return Plan(
        state=state,
        base=base or state,
        enqueued_at=span,
        new=new,
        duplicates=len(batch.events) - planned,
    )


def apply_commit(plan: Plan, batch: CommittedBatch | None, at: datetime) -> PartitionState:
    """Return the partition's state after a plan's commit; `batch` is None if nothing was new."""
    after = _add(plan, batch, at)
    if plan.base.generation > plan.state.generation:
        return replace(after, ended=end_with(plan.state, at))
    if plan.base.generation == plan.state.generation:
        return after
    ended = tuple(
        close_generation(after, at) if known.generation == after.generation else known
        for known in plan.state.ended
    )
    return replace(plan.state, commits=after.commits, ended=ended)


def _add(plan: Plan, batch: CommittedBatch | None, at: datetime) -> PartitionState:
    state = replace(plan.base, duplicates=plan.base.duplicates + plan.duplicates)
    if batch is None:
        return state
    for part in batch.ranges:
        state = _cover(state, part, at)
    reaches_head = batch.ranges[-1].last + 1 == state.head
    earliest, latest = plan.enqueued_at
    return replace(
        state,
        head_enqueued_at=batch.last_enqueued_at if reaches_head else state.head_enqueued_at,
        earliest_enqueued_at=min(earliest, state.earliest_enqueued_at or earliest),
        latest_enqueued_at=max(latest, latest_enqueued_at(state) or latest),
        commits=batch.number,
        counts=merge_counts(state.counts, batch.counts),
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

"""Plan what a batch brings, and apply a commit to a partition. Pure.

For one generation of a partition, committed numbers and gaps (open or lost) are disjoint and
together exactly [start, head). The store makes each commit one transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from shared.hub.events import EventBatch
from shared.hub.sequence_range import SequenceRange
from shared.ledger.batch import CommittedBatch, merge_counts
from shared.ledger.generations import (
    HubWitness,
    close_generation,
    enter_generation,
    find_generation,
    latest_enqueued_at,
)
from shared.ledger.partition import Gap, GapState, Generation, Partition


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a batch brings to a partition: the numbers that are new, and how many are not."""

    partition: Partition
    #: What the commit adds to: the current generation, an ended one, or one that begins with it.
    generation: Generation
    #: The earliest and the latest time in the batch, wherever they stand in it.
    enqueued_at: tuple[datetime, datetime]
    new: tuple[SequenceRange, ...]
    duplicates: int

    @property
    def begins_generation(self) -> bool:
        """Whether the commit ends the current generation and begins the next."""
        return self.generation.number > self.partition.current.number


def plan_batch(partition: Partition, batch: EventBatch, witness: HubWitness | None = None) -> Plan:
    """Tell which of the batch's sequence numbers are new to the partition.

    Numbers outside [start, head) are new; inside, only those in a gap are. The witness says which
    generation the batch belongs to (see `needs_witness`). Without one, a number below the head
    that entered the hub after all committed events belongs to a hub that was made anew, and one
    from before that belongs to the generation that ended.
    """
    times = [event.enqueued_at for event in batch.events]
    generation = find_generation(partition, batch, witness)
    new = tuple(_new_ranges(generation, batch.ranges)) if generation else ()
    return Plan(
        partition=partition,
        generation=generation or partition.current,
        enqueued_at=(min(times), max(times)),
        new=new,
        duplicates=len(batch.events) - sum(part.count for part in new),
    )


def apply_commit(plan: Plan, batch: CommittedBatch | None, at: datetime) -> Partition:
    """Return the partition after a plan's commit; `batch` is None if nothing was new."""
    commits = batch.number if batch else plan.partition.commits
    partition = replace(plan.partition, commits=commits)
    after = _add(plan, batch, at)
    if plan.begins_generation:
        return enter_generation(partition, after, at)
    has_ended = after.number < partition.current.number
    return partition.with_generation(close_generation(after, at) if has_ended else after)


def _add(plan: Plan, batch: CommittedBatch | None, at: datetime) -> Generation:
    before = plan.generation
    generation = replace(before, duplicates=before.duplicates + plan.duplicates)
    if batch is None:
        return generation
    for part in batch.ranges:
        generation = _cover(generation, part, at)
    reaches_head = batch.ranges[-1].last + 1 == generation.head
    earliest, latest = plan.enqueued_at
    return replace(
        generation,
        head_enqueued_at=batch.last_enqueued_at if reaches_head else generation.head_enqueued_at,
        earliest_enqueued_at=min(earliest, generation.earliest_enqueued_at or earliest),
        latest_enqueued_at=max(latest, latest_enqueued_at(generation) or latest),
        counts=merge_counts(generation.counts, batch.counts),
    )


def _new_ranges(generation: Generation, ranges: Iterable[SequenceRange]) -> Iterable[SequenceRange]:
    for part in ranges:
        if part.first < generation.start:
            yield SequenceRange(first=part.first, last=min(part.last, generation.start - 1))
        for gap in generation.gaps:
            if filled := gap.range.intersection(part):
                yield filled
        if part.last >= generation.head:
            yield SequenceRange(first=max(part.first, generation.head), last=part.last)


def _cover(generation: Generation, part: SequenceRange, at: datetime) -> Generation:
    gaps = [replace(gap, range=rest) for gap in generation.gaps for rest in gap.range.without(part)]
    for first, last in (
        (generation.head, part.first - 1),
        (part.last + 1, generation.start - 1),
    ):
        if first <= last:
            skipped = SequenceRange(first=first, last=last)
            gaps.append(Gap(range=skipped, state=GapState.OPEN, since=at))
    return replace(
        generation,
        start=min(generation.start, part.first),
        head=max(generation.head, part.last + 1),
        gaps=tuple(sorted(gaps, key=lambda gap: gap.range)),
    )

"""What is lost for good, and what of it a person has seen. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from shared.hub.sequence_range import SequenceRange
from shared.ledger.partition import Gap, GapState, Generation, Partition


def acknowledge(
    partition: Partition, within: SequenceRange | None = None, generation: int | None = None
) -> Partition:
    """Mark lost numbers as seen by a person, in all generations or in one.

    `within` are the numbers to acknowledge, None for all.
    """
    for known in partition.generations:
        if generation in (None, known.number):
            partition = partition.with_generation(_acknowledge(known, within))
    return partition


def merge_adjacent(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Merge neighboring gaps of the same state, so that few stay; `since` is the earlier one's.

    Retention takes a gap bit by bit, and the head must hold all gaps.
    """
    merged: list[Gap] = []
    for gap in gaps:
        before = merged[-1] if merged else None
        if before and before.state is gap.state and before.range.last + 1 == gap.range.first:
            whole = SequenceRange(first=before.range.first, last=gap.range.last)
            merged[-1] = replace(before, range=whole, since=min(before.since, gap.since))
        else:
            merged.append(gap)
    return tuple(merged)


def _acknowledge(generation: Generation, within: SequenceRange | None) -> Generation:
    parts = (part for gap in generation.gaps for part in _split_seen(gap, within or gap.range))
    return replace(generation, gaps=merge_adjacent(parts))


def _split_seen(gap: Gap, within: SequenceRange) -> Sequence[Gap]:
    seen = gap.range.intersection(within)
    if gap.state is not GapState.LOST or seen is None:
        return (gap,)
    parts = [replace(gap, range=part) for part in gap.range.without(seen)]
    parts.append(replace(gap, range=seen, state=GapState.ACKNOWLEDGED))
    return sorted(parts, key=lambda part: part.range)

"""What is lost for good, and what of it a person has seen. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from shared.hub.sequence_range import SequenceRange
from shared.ledger.partition import Gap, GapState, PartitionState


def acknowledge(
    state: PartitionState, within: SequenceRange | None = None, generation: int | None = None
) -> PartitionState:
    """Mark what is lost as seen by a person, in all generations or one; the rest stays.

    `within` are the numbers to acknowledge, None for all.
    """
    ended = tuple(_acknowledge_one(item, within, generation) for item in state.ended)
    return replace(_acknowledge_one(state, within, generation), ended=ended)


def merge_adjacent(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Make neighbors that are lost alike one gap, since the first of them was, so that few stay.

    Retention takes a gap bit by bit, and the head must hold them all.
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


def _acknowledge_one(
    state: PartitionState, within: SequenceRange | None, generation: int | None
) -> PartitionState:
    if generation not in (None, state.generation):
        return state
    parts = (part for gap in state.gaps for part in _split_seen(gap, within or gap.range))
    return replace(state, gaps=merge_adjacent(parts))


def _split_seen(gap: Gap, within: SequenceRange) -> Sequence[Gap]:
    seen = gap.range.intersection(within)
    if gap.state is not GapState.LOST or seen is None:
        return (gap,)
    parts = [replace(gap, range=part) for part in gap.range.without(seen)]
    parts.append(replace(gap, range=seen, state=GapState.ACKNOWLEDGED))
    return sorted(parts, key=lambda part: part.range)

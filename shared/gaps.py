"""What of a partition is missing, and what of it the hub still holds. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from shared.events import SequenceRange
from shared.ledger import Gap, GapState, PartitionState
from shared.ports import HubPartition


def find_missing(
    state: PartitionState, partition: HubPartition, *, is_stuck: bool
) -> Sequence[SequenceRange]:
    """The open gaps that the hub can still fill, and its events beyond a head that is stuck."""
    held = _held(partition)
    if held is None:
        return ()
    open_gaps = [gap.range for gap in state.gaps if gap.state is GapState.OPEN]
    found = [part for gap in open_gaps if (part := gap.intersection(held))]
    if is_stuck and held.last >= state.head:
        first = max(state.head, held.first)
        found.append(SequenceRange(first=first, last=held.last))
    return found


def lose(state: PartitionState, partition: HubPartition, at: datetime) -> PartitionState:
    """Mark what is missing below the hub's first event as lost; the state itself if nothing is.

    Numbers between the head and the hub's first event go with them: nobody can deliver them.
    """
    after = _lose_gaps(state, partition.begin, at)
    if partition.begin <= state.head or partition.last_enqueued < state.head:
        return after
    unseen = SequenceRange(first=state.head, last=partition.begin - 1)
    gone = Gap(range=unseen, state=GapState.LOST, since=at)
    gaps = _merge_adjacent((*after.gaps, gone))
    return replace(after, head=partition.begin, gaps=gaps)


def acknowledge(
    state: PartitionState, within: SequenceRange | None = None, generation: int | None = None
) -> PartitionState:
    """Mark what is lost as seen by a person, in all generations or one; the rest stays.

    `within` are the numbers to acknowledge, None for all.
    """
    ended = tuple(_acknowledge_one(item, within, generation) for item in state.ended)
    return replace(_acknowledge_one(state, within, generation), ended=ended)


def _acknowledge_one(
    state: PartitionState, within: SequenceRange | None, generation: int | None
) -> PartitionState:
    if generation not in (None, state.generation):
        return state
    parts = (part for gap in state.gaps for part in _split_seen(gap, within or gap.range))
    return replace(state, gaps=_merge_adjacent(parts))


def _split_seen(gap: Gap, within: SequenceRange) -> Sequence[Gap]:
    seen = gap.range.intersection(within)
    if gap.state is not GapState.LOST or seen is None:
        return (gap,)
    parts = [replace(gap, range=part) for part in gap.range.without(seen)]
    parts.append(replace(gap, range=seen, state=GapState.ACKNOWLEDGED))
    return sorted(parts, key=lambda part: part.range)


def _merge_adjacent(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
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


def _lose_gaps(state: PartitionState, begin: int, at: datetime) -> PartitionState:
    gaps = _merge_adjacent(part for gap in state.gaps for part in _split(gap, begin, at))
    return state if gaps == state.gaps else replace(state, gaps=gaps)


def _split(gap: Gap, begin: int, at: datetime) -> Sequence[Gap]:
    if gap.state is not GapState.OPEN or gap.range.first >= begin:
        return (gap,)
    gone = SequenceRange(first=gap.range.first, last=min(gap.range.last, begin - 1))
    rest = (replace(gap, range=part) for part in gap.range.without(gone))
    return (replace(gap, range=gone, state=GapState.LOST, since=at), *rest)


def _held(partition: HubPartition) -> SequenceRange | None:
    if partition.last_enqueued < partition.begin:
        return None
    return SequenceRange(first=partition.begin, last=partition.last_enqueued)

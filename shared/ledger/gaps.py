"""What of a partition is missing, and what of it the hub still holds. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from shared.hub.properties import HubPartition
from shared.hub.sequence_range import SequenceRange
from shared.ledger.generations import begin_generation, close_generation
from shared.ledger.losses import merge_adjacent
from shared.ledger.partition import Gap, GapState, PartitionState


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


def mark(
    state: PartitionState, partition: HubPartition, at: datetime
) -> tuple[PartitionState, PartitionState | None]:
    """Name what nobody can deliver any more: what retention took, or went with its hub.

    Returns the state, the same one if nothing changes, and the generation that has ended, if one
    has. A `partition` of another making must have been asked for after the state was read. Keeps
    in mind what the hub holds beyond the head, since nobody can ask once it is gone.
    """
    is_remade = state.hub_created_at not in (None, partition.created_at)
    current = begin_generation(state, partition.created_at, at) if is_remade else state
    after = lose(current, partition, at)
    if partition.last_enqueued >= after.head:
        after = replace(after, last_enqueued=partition.last_enqueued)
    return after, close_generation(state, at) if is_remade else None


def lose(state: PartitionState, partition: HubPartition, at: datetime) -> PartitionState:
    """Mark what is missing below the hub's first event as lost; the state itself if nothing is.

    Numbers between the head and the hub's first event go with them: nobody can deliver them.
    """
    after = _lose_gaps(state, partition.begin, at)
    if partition.begin <= state.head or partition.last_enqueued < state.head:
        return after
    unseen = SequenceRange(first=state.head, last=partition.begin - 1)
    gone = Gap(range=unseen, state=GapState.LOST, since=at)
    gaps = merge_adjacent((*after.gaps, gone))
    return replace(after, head=partition.begin, gaps=gaps)


def _lose_gaps(state: PartitionState, begin: int, at: datetime) -> PartitionState:
    gaps = merge_adjacent(part for gap in state.gaps for part in _split(gap, begin, at))
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

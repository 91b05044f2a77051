"""What of a partition is missing, and what of it the hub still holds. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from shared.hub.properties import HubPartition
from shared.hub.sequence_range import SequenceRange
from shared.ledger.generations import begin_generation, close_generation
from shared.ledger.losses import merge_adjacent
from shared.ledger.partition import Gap, GapState, Generation, Partition


def find_missing(
    current: Generation, told: HubPartition, *, is_stuck: bool
) -> Sequence[SequenceRange]:
    """The open gaps that the hub can still fill, and its events beyond a head that is stuck."""
    held = told.held
    if held is None:
        return ()
    open_gaps = [gap.range for gap in current.gaps if gap.state is GapState.OPEN]
    found = [part for gap in open_gaps if (part := gap.intersection(held))]
    if is_stuck and held.last >= current.head:
        first = max(current.head, held.first)
        found.append(SequenceRange(first=first, last=held.last))
    return found


def mark(
    partition: Partition, told: HubPartition, at: datetime
) -> tuple[Partition, Generation | None]:
    """Name what nobody can deliver any more: retention took it, or it went with its hub.

    Returns the partition, the same one if nothing changes, and the generation that has ended, if
    one has. Where the hub was made anew, `told` must have been asked for after the partition was
    read. Also remembers what the hub holds beyond the head, since nobody can ask once it is gone.
    """
    is_remade = partition.current.hub_created_at not in (None, told.created_at)
    after = begin_generation(partition, told.created_at, at) if is_remade else partition
    current = lose(after.current, told, at)
    if told.last_enqueued >= current.head:
        current = replace(current, last_enqueued=told.last_enqueued)
    closed = close_generation(partition.current, at) if is_remade else None
    return after.with_generation(current), closed


def lose(current: Generation, told: HubPartition, at: datetime) -> Generation:
    """Mark what is missing below the hub's first event as lost; the same value if nothing is.

    Numbers between the head and the hub's first event are lost too: nobody can deliver them.
    """
    after = _lose_gaps(current, told.begin, at)
    if told.begin <= current.head or told.last_enqueued < current.head:
        return after
    unseen = SequenceRange(first=current.head, last=told.begin - 1)
    gone = Gap(range=unseen, state=GapState.LOST, since=at)
    return replace(after, head=told.begin, gaps=merge_adjacent((*after.gaps, gone)))


def _lose_gaps(current: Generation, begin: int, at: datetime) -> Generation:
    gaps = merge_adjacent(part for gap in current.gaps for part in _split(gap, begin, at))
    return current if gaps == current.gaps else replace(current, gaps=gaps)


def _split(gap: Gap, begin: int, at: datetime) -> Sequence[Gap]:
    if gap.state is not GapState.OPEN or gap.range.first >= begin:
        return (gap,)
    gone = SequenceRange(first=gap.range.first, last=min(gap.range.last, begin - 1))
    rest = (replace(gap, range=part) for part in gap.range.without(gone))
    return (replace(gap, range=gone, state=GapState.LOST, since=at), *rest)

"""Which generation a batch belongs to. Pure.

When a hub is deleted and made again, its sequence numbers begin at 0 anew. Numbers and times alone
cannot always tell the generations apart, since a hub's clock may be set back. Where they cannot,
`needs_witness` says so, and the hub itself is asked: its answer is proof, not a guess.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.hub.events import EventBatch
from shared.hub.properties import HubPartition
from shared.hub.sequence_range import SequenceRange
from shared.ledger.losses import merge_adjacent
from shared.ledger.partition import Gap, GapState, Generation, Partition

# A hub's clock is never set back by more than this.
STEP_BACK = timedelta(hours=1)
# Nobody deletes a hub, makes it again and fills it up to the old head in less time than this.
PAUSE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubWitness:
    """What the hub says of a batch, asked after the batch came."""

    hub_created_at: datetime
    #: Whether it holds an event of the number and enqueued time of the batch's first; None where
    #: retention has taken that number.
    holds_first: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The last event that an owner was handed, and the generation it belongs to."""

    generation: int
    sequence_number: int
    enqueued_at: datetime


def follows(batch: EventBatch, last: Delivered, partition: Partition) -> bool:
    """Whether the batch begins right where the owner's last one ended.

    If it does, it belongs to the same generation.
    """
    at = batch.events[0].enqueued_at
    return (
        last.generation == partition.current.number
        and batch.first == last.sequence_number + 1
        and last.enqueued_at <= at <= last.enqueued_at + PAUSE
    )


def needs_witness(partition: Partition, batch: EventBatch) -> bool:
    """Whether the hub must be asked, since the batch may belong to another generation.

    Not if the batch begins at the head, in number and in time, or has the head's own event in it.
    Nor if it is too old for a new generation and too new for an ended one, whatever the clock did.
    """
    current = partition.current
    if _continues(current, batch) or _has_head(current, batch):
        return False
    at, latest, earliest = (
        batch.events[0].enqueued_at,
        latest_enqueued_at(current),
        current.earliest_enqueued_at,
    )
    may_be_newer = latest is None or at >= latest - STEP_BACK
    may_be_earlier = bool(partition.ended) and (earliest is None or at <= earliest + STEP_BACK)
    return may_be_newer or may_be_earlier


def find_generation(
    partition: Partition, batch: EventBatch, witness: HubWitness | None
) -> Generation | None:
    """The generation that the batch belongs to: the current, an ended one, or a new one.

    None where the hub was gone before the ledger knew the partition.
    """
    current = partition.current
    if _is_earlier(partition, batch, witness):
        return _find_ended(partition, batch)
    if _is_newer(current, batch, witness):
        return _new_generation(partition, witness.hub_created_at if witness else None)
    if witness and witness.holds_first and current.hub_created_at is None:
        return replace(current, hub_created_at=witness.hub_created_at)
    return current


def first_partition(told: HubPartition) -> Partition:
    """A partition of which nothing is committed yet.

    It starts where the hub's own events begin. So what the hub still holds and nobody has landed
    is a gap from the first batch on, not forgotten.
    """
    begun = Generation(number=0, start=told.begin, head=told.begin, hub_created_at=told.created_at)
    return Partition(address=told.address, current=begun)


def begin_generation(
    partition: Partition, hub_created_at: datetime | None, at: datetime
) -> Partition:
    """Return the partition of a hub that was made anew, before anything of it is committed."""
    return enter_generation(partition, _new_generation(partition, hub_created_at), at)


def enter_generation(partition: Partition, begun: Generation, at: datetime) -> Partition:
    """Return the partition with a new generation, which ends the one before."""
    ended = (*partition.ended, close_generation(partition.current, at))
    return replace(partition, current=begun, ended=ended)


def close_generation(generation: Generation, at: datetime) -> Generation:
    """Return a generation as it ends: what it still misses is lost with the hub.

    That includes what the hub was seen to hold beyond the head and nobody landed.
    """
    gaps = [
        replace(gap, state=GapState.LOST, since=at) if gap.state is GapState.OPEN else gap
        for gap in generation.gaps
    ]
    head = max(generation.head, generation.last_enqueued + 1)
    if head > generation.head:
        unseen = SequenceRange(first=generation.head, last=generation.last_enqueued)
        gaps.append(Gap(range=unseen, state=GapState.LOST, since=at))
    return replace(generation, head=head, gaps=merge_adjacent(gaps))


def with_closed(partition: Partition, closed: Iterable[Generation]) -> Partition:
    """Add ended generations that were stored beside the partition.

    The partition's own record of one is newer: events of it may have landed after it ended.
    """
    known = {generation.number: generation for generation in (*closed, *partition.ended)}
    return replace(partition, ended=tuple(known[number] for number in sorted(known)))


def latest_enqueued_at(generation: Generation) -> datetime | None:
    """The latest time of what is committed; old rows kept only that of the newest event."""
    return generation.latest_enqueued_at or generation.head_enqueued_at


def _is_newer(current: Generation, batch: EventBatch, witness: HubWitness | None) -> bool:
    if witness is None or current.hub_created_at is None:
        return _looks_newer(current, batch)
    if witness.hub_created_at == current.hub_created_at or witness.holds_first is False:
        return False
    return bool(witness.holds_first) or batch.events[0].enqueued_at >= witness.hub_created_at


def _is_earlier(partition: Partition, batch: EventBatch, witness: HubWitness | None) -> bool:
    current = partition.current
    if witness is None or witness.holds_first is None:
        goes_on = batch.first == current.head or _has_head(current, batch)
        return not goes_on and _looks_earlier(partition, batch)
    if witness.holds_first:
        return False
    if current.hub_created_at is None:
        return _looks_earlier(partition, batch)
    # The hub was made anew again: the batch belongs to the generation before, unless its time is
    # so early that no set-back clock explains it.
    is_known = witness.hub_created_at == current.hub_created_at
    return is_known or batch.events[0].enqueued_at < current.hub_created_at - STEP_BACK


def _looks_newer(current: Generation, batch: EventBatch) -> bool:
    """Below the head, and yet it entered the hub after all committed events, the head's too."""
    first, latest = batch.events[0], latest_enqueued_at(current)
    if latest is None or current.head_enqueued_at is None or _has_head(current, batch):
        return False
    return batch.first < current.head and first.enqueued_at > latest


def _looks_earlier(partition: Partition, batch: EventBatch) -> bool:
    """It entered the hub before the current generation began, or before the last one ended."""
    if not partition.ended:
        return False
    at = batch.events[0].enqueued_at
    began_at, before = partition.current.hub_created_at, latest_enqueued_at(partition.ended[-1])
    return (began_at is not None and at < began_at) or (before is not None and at <= before)


def _continues(current: Generation, batch: EventBatch) -> bool:
    """The batch begins at the head, and no pause or step back lies between."""
    at, head_at = batch.events[0].enqueued_at, current.head_enqueued_at
    return head_at is not None and batch.first == current.head and head_at <= at <= head_at + PAUSE


def _has_head(current: Generation, batch: EventBatch) -> bool:
    """The head's own event is in the batch: the same number, entered at the same time."""
    event = batch.find(current.head - 1)
    return event is not None and event.enqueued_at == current.head_enqueued_at


def _find_ended(partition: Partition, batch: EventBatch) -> Generation | None:
    """The last ended generation that had begun by the batch's time; the first if none had."""
    at = batch.events[0].enqueued_at
    begun = [known for known in partition.ended if _has_begun(known, at)]
    return begun[-1] if begun else next(iter(partition.ended), None)


def _has_begun(ended: Generation, at: datetime) -> bool:
    """Whether it had begun at that time; a clock that was set back is allowed for."""
    begun_at = ended.hub_created_at or ended.earliest_enqueued_at
    return begun_at is None or begun_at - STEP_BACK <= at


def _new_generation(partition: Partition, hub_created_at: datetime | None) -> Generation:
    number = partition.current.number + 1
    return Generation(number=number, start=0, head=0, hub_created_at=hub_created_at)

"""Which making of the hub a batch is of: numbers begin at 0 anew when a hub is deleted and remade.

Numbers and times alone cannot always tell, since a hub's clock may be set back. Where they cannot,
`needs_witness` says so, and the hub itself is asked; what it says is proof, not a guess.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.hub.events import EventBatch
from shared.hub.sequence_range import SequenceRange
from shared.ledger.losses import merge_adjacent
from shared.ledger.partition import Gap, GapState, PartitionState

# No hub's clock is set back by more, nor is a hub deleted, remade and filled up to the old head
# in less than a pause.
STEP_BACK = timedelta(hours=1)
PAUSE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubWitness:
    """What the hub says of a batch, asked after the batch came.

    `holds_first` is whether it holds an event of the number and the enqueued time of the batch's
    first; None where retention has taken that number.
    """

    hub_created_at: datetime
    holds_first: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The last event that an owner was handed, and the generation that it was found to be of."""

    generation: int
    sequence_number: int
    enqueued_at: datetime


def follows(batch: EventBatch, last: Delivered, state: PartitionState) -> bool:
    """Whether the batch goes on where an owner's last one of the current generation ended.

    Then it is of the same making, as a batch is that goes on at the head.
    """
    at = batch.events[0].enqueued_at
    return (
        last.generation == state.generation
        and batch.first == last.sequence_number + 1
        and last.enqueued_at <= at <= last.enqueued_at + PAUSE
    )


def needs_witness(state: PartitionState, batch: EventBatch) -> bool:
    """Whether the hub must be asked, since the batch may be of another making of it.

    A batch that goes on where the head is, in number and in time, needs none, nor does one that
    has the head's own event in it, nor one that is too old for a new making and too new for an
    earlier one, whatever the clock did.
    """
    if _continues(state, batch) or _has_head(state, batch):
        return False
    at, latest, earliest = (
        batch.events[0].enqueued_at,
        latest_enqueued_at(state),
        state.earliest_enqueued_at,
    )
    may_be_newer = latest is None or at >= latest - STEP_BACK
    may_be_earlier = bool(state.ended) and (earliest is None or at <= earliest + STEP_BACK)
    return may_be_newer or may_be_earlier


def find_generation(
    state: PartitionState, batch: EventBatch, witness: HubWitness | None
) -> PartitionState | None:
    """The generation that the batch is of: the current, an ended one, or a fresh one.

    None for a batch of a hub that was gone before the ledger knew the partition.
    """
    if _is_earlier(state, batch, witness):
        return _find_ended(state, batch)
    if _is_newer(state, batch, witness):
        return _fresh(state, witness.hub_created_at if witness else None)
    if witness and witness.holds_first and state.hub_created_at is None:
        return replace(state, hub_created_at=witness.hub_created_at)
    return state


def begin_generation(
    state: PartitionState, hub_created_at: datetime | None, at: datetime
) -> PartitionState:
    """Return the state of a hub that was made anew, before anything of it is committed."""
    return replace(_fresh(state, hub_created_at), ended=end_with(state, at))


def close_generation(state: PartitionState, at: datetime) -> PartitionState:
    """Return the last state of a generation: what it still misses went with the hub.

    Also what the hub was seen to hold beyond the head, and nobody landed.
    """
    gaps = [
        replace(gap, state=GapState.LOST, since=at) if gap.state is GapState.OPEN else gap
        for gap in state.gaps
    ]
    head = max(state.head, state.last_enqueued + 1)
    if head > state.head:
        unseen = SequenceRange(first=state.head, last=state.last_enqueued)
        gaps.append(Gap(range=unseen, state=GapState.LOST, since=at))
    return replace(state, head=head, gaps=merge_adjacent(gaps), ended=())


def end_with(state: PartitionState, at: datetime) -> tuple[PartitionState, ...]:
    """The ended generations, when this one has ended too."""
    return (*state.ended, close_generation(state, at))


def with_late_commits(
    closed: Iterable[PartitionState], state: PartitionState
) -> Sequence[PartitionState]:
    """Ended generations as they were written when they ended, made what they have become since."""
    now = {ended.generation: ended for ended in state.ended}
    return [now.get(ended.generation, ended) for ended in closed]


def latest_enqueued_at(state: PartitionState) -> datetime | None:
    """The latest time of what is committed; states of old kept only that of the newest event."""
    return state.latest_enqueued_at or state.head_enqueued_at


def _is_newer(state: PartitionState, batch: EventBatch, witness: HubWitness | None) -> bool:
    if witness is None or state.hub_created_at is None:
        return _looks_newer(state, batch)
    if witness.hub_created_at == state.hub_created_at or witness.holds_first is False:
        return False
    return bool(witness.holds_first) or batch.events[0].enqueued_at >= witness.hub_created_at


def _is_earlier(state: PartitionState, batch: EventBatch, witness: HubWitness | None) -> bool:
    if witness is None or witness.holds_first is None:
        goes_on = batch.first == state.head or _has_head(state, batch)
        return not goes_on and _looks_earlier(state, batch)
    if witness.holds_first:
        return False
    if state.hub_created_at is None:
        return _looks_earlier(state, batch)
    # The hub was made anew again: the batch is of the one before, unless no clock explains that.
    is_known = witness.hub_created_at == state.hub_created_at
    return is_known or batch.events[0].enqueued_at < state.hub_created_at - STEP_BACK


def _looks_newer(state: PartitionState, batch: EventBatch) -> bool:
    """Below the head, and yet it entered the hub after all that is committed, the head's too."""
    first, latest = batch.events[0], latest_enqueued_at(state)
    if latest is None or state.head_enqueued_at is None or _has_head(state, batch):
        return False
    return batch.first < state.head and first.enqueued_at > latest


def _looks_earlier(state: PartitionState, batch: EventBatch) -> bool:
    """It entered the hub before this making of it, or no later than what ended before it."""
    at = batch.events[0].enqueued_at
    before = latest_enqueued_at(state.ended[-1]) if state.ended else None
    is_before_making = state.hub_created_at is not None and at < state.hub_created_at
    return bool(state.ended) and (is_before_making or (before is not None and at <= before))


def _continues(state: PartitionState, batch: EventBatch) -> bool:
    """The batch begins at the head, and no pause or step back lies between."""
    at, head_at = batch.events[0].enqueued_at, state.head_enqueued_at
    return head_at is not None and batch.first == state.head and head_at <= at <= head_at + PAUSE


def _has_head(state: PartitionState, batch: EventBatch) -> bool:
    """The head's own event is in the batch: the same number, entered at the same time."""
    event = batch.find(state.head - 1)
    return event is not None and event.enqueued_at == state.head_enqueued_at


def _find_ended(state: PartitionState, batch: EventBatch) -> PartitionState | None:
    """The last ended generation, unless it began so late that no clock explains the batch."""
    at = batch.events[0].enqueued_at
    begun = [ended for ended in state.ended if _has_begun(ended, at)] or [*state.ended[:1]]
    return replace(begun[-1], commits=state.commits) if begun else None


def _has_begun(ended: PartitionState, at: datetime) -> bool:
    begun_at = ended.hub_created_at or ended.earliest_enqueued_at
    return begun_at is None or begun_at - STEP_BACK <= at


def _fresh(state: PartitionState, hub_created_at: datetime | None) -> PartitionState:
    return PartitionState(
        hub=state.hub,
        partition_id=state.partition_id,
        generation=state.generation + 1,
        start=0,
        head=0,
        commits=state.commits,
        hub_created_at=hub_created_at,
    )

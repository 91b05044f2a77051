"""Ask the hub itself which making of it a batch is of, where the ledger cannot tell."""

from shared.errors import Dependency, DependencyUnavailableError
from shared.hub.events import EventBatch, EventReader
from shared.hub.properties import HubPartition, HubReader
from shared.hub.sequence_range import SequenceRange
from shared.ledger.generations import HubWitness
from shared.ledger.partition import PartitionState


def ask_hub(
    hub: HubReader, events: EventReader, state: PartitionState, batch: EventBatch
) -> HubWitness:
    """What the hub says now, which is after the state was read and the batch came.

    Raises DependencyUnavailableError where it does not say: a guess could cost events.
    """
    partition = hub.read_partition(batch.partition_id)
    if not state.ended and partition.created_at == state.hub_created_at:
        # Only one making was ever known, and it is the hub's: nothing else can be meant.
        return HubWitness(hub_created_at=partition.created_at, holds_first=None)
    holds_first = _holds_first(events, partition, batch)
    again = hub.read_partition(batch.partition_id)
    if again.created_at != partition.created_at:
        message = "the hub was made anew while it was asked"
        raise _no_witness(message, batch)
    return HubWitness(hub_created_at=partition.created_at, holds_first=holds_first)


def _holds_first(events: EventReader, partition: HubPartition, batch: EventBatch) -> bool | None:
    if batch.first < partition.begin:
        return None
    if batch.first > partition.last_enqueued:
        return False
    only = SequenceRange(first=batch.first, last=batch.first)
    found = events.read_again(batch.partition_id, only)
    if not found:
        message = "the hub did not give an event that it says it holds"
        raise _no_witness(message, batch)
    return found[0].enqueued_at == batch.events[0].enqueued_at


def _no_witness(message: str, batch: EventBatch) -> DependencyUnavailableError:
    return DependencyUnavailableError(
        message,
        dependency=Dependency.HUB,
        hint="the host's retry asks again",
        hub=batch.hub,
        partition_id=batch.partition_id,
        first=batch.first,
        last=batch.last,
    )

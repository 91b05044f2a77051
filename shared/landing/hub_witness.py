"""Ask the hub itself which generation a batch belongs to, where the ledger cannot tell."""

from shared.errors import Dependency, DependencyUnavailableError
from shared.hub.events import EventBatch, EventReader
from shared.hub.properties import HubPartition, HubReader
from shared.hub.sequence_range import SequenceRange
from shared.ledger.generations import HubWitness
from shared.ledger.partition import Partition


def ask_hub(
    hub: HubReader, events: EventReader, partition: Partition, batch: EventBatch
) -> HubWitness:
    """What the hub says of the batch, after the partition was read and the batch came.

    Raises DependencyUnavailableError where it does not say: a guess could cost events.
    """
    told = hub.read_partition(batch.address.partition_id)
    if not partition.ended and told.created_at == partition.current.hub_created_at:
        # The ledger has seen only one incarnation of this hub, and it is the current one.
        return HubWitness(hub_created_at=told.created_at, holds_first=None)
    holds_first = _holds_first(events, told, batch)
    again = hub.read_partition(batch.address.partition_id)
    if again.created_at != told.created_at:
        message = "the hub was made anew while it was asked"
        raise _no_witness(message, batch)
    return HubWitness(hub_created_at=told.created_at, holds_first=holds_first)


def _holds_first(events: EventReader, told: HubPartition, batch: EventBatch) -> bool | None:
    if batch.first < told.begin:
        return None
    if batch.first > told.last_enqueued:
        return False
    only = SequenceRange(first=batch.first, last=batch.first)
    found = events.read_again(batch.address.partition_id, only)
    if not found:
        message = "the hub did not give an event that it says it holds"
        raise _no_witness(message, batch)
    return found[0].enqueued_at == batch.events[0].enqueued_at


def _no_witness(message: str, batch: EventBatch) -> DependencyUnavailableError:
    return DependencyUnavailableError(
        message,
        dependency=Dependency.HUB,
        hint="the host's retry asks again",
        partition=batch.address,
        first=batch.first,
        last=batch.last,
    )

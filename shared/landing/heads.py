"""Make sure that the ledger knows every partition of the hub, from where the hub begins."""

from collections.abc import Sequence

from shared.hub.address import PartitionAddress
from shared.hub.properties import HubPartition
from shared.ledger.partition import Generation, Partition
from shared.ledger.store import LedgerStore


def make_heads(
    ledger: LedgerStore, partitions: Sequence[HubPartition]
) -> tuple[PartitionAddress, ...]:
    """Make the heads that are missing; returns the partitions that got one."""
    made = [told for told in partitions if ledger.read(told.address) is None]
    for told in made:
        ledger.create(first_partition(told))
    return tuple(told.address for told in made)


def first_partition(told: HubPartition) -> Partition:
    """A partition of which nothing is committed yet.

    It starts where the hub's own events begin. So what the hub still holds and nobody has landed
    is a gap from the first batch on, not forgotten.
    """
    begun = Generation(number=0, start=told.begin, head=told.begin, hub_created_at=told.created_at)
    return Partition(address=told.address, current=begun)

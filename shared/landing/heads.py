"""Make sure that the ledger knows every partition of the hub, from where the hub begins."""

from collections.abc import Sequence

from shared.hub.address import PartitionAddress
from shared.hub.properties import HubPartition
from shared.ledger.generations import first_partition
from shared.ledger.store import LedgerStore


def make_heads(
    ledger: LedgerStore, partitions: Sequence[HubPartition]
) -> tuple[PartitionAddress, ...]:
    """Make the heads that are missing; returns the partitions that got one."""
    made = [told for told in partitions if ledger.read(told.address) is None]
    for told in made:
        ledger.create(first_partition(told))
    return tuple(told.address for told in made)

"""Make sure that the ledger knows every partition of the hub, from where the hub begins."""

from collections.abc import Sequence

from shared.hub.properties import HubPartition
from shared.ledger.partition import PartitionState
from shared.ledger.store import LedgerStore


def make_heads(ledger: LedgerStore, partitions: Sequence[HubPartition]) -> tuple[str, ...]:
    """Make the heads that are missing; returns the partitions that got one.

    A head that is made starts where the hub's own events begin, so that what the hub still holds
    and nobody has landed is a gap from the first batch on, not forgotten.
    """
    made = []
    for partition in partitions:
        if ledger.read(partition.hub, partition.partition_id) is None:
            ledger.create(
                PartitionState(
                    hub=partition.hub,
                    partition_id=partition.partition_id,
                    generation=0,
                    start=partition.begin,
                    head=partition.begin,
                    hub_created_at=partition.created_at,
                )
            )
            made.append(partition.partition_id)
    return tuple(made)

"""Make sure that the ledger knows every partition of the hub, from where the hub begins."""

from shared.ledger import PartitionState
from shared.ports import HubReader, LedgerStore


def make_heads(ledger: LedgerStore, hub: HubReader) -> tuple[str, ...]:
    """Make the heads that are missing; returns the partitions that got one.

    A head that is made starts where the hub's own events begin, so that what the hub still holds
    and nobody has landed is a gap from the first batch on, not forgotten.
    """
    made = []
    for partition in hub.read_partitions():
        if ledger.read(partition.hub, partition.partition_id) is None:
            ledger.create(
                PartitionState(
                    hub=partition.hub,
                    partition_id=partition.partition_id,
                    generation=0,
                    start=partition.begin,
                    head=partition.begin,
                )
            )
            made.append(partition.partition_id)
    return tuple(made)

"""The port to the ledger's table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.hub.address import PartitionAddress
from shared.ledger.batch import CommittedBatch
from shared.ledger.partition import Generation, Partition


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPartition:
    """A partition as it was read, and the ETag that guards it."""

    partition: Partition
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One transaction: the changed partition, and the batch if anything was new.

    `closed` is the generation that ends with it, if one does.
    """

    partition: Partition
    batch: CommittedBatch | None = None
    closed: Generation | None = None


class LedgerStore(Protocol):
    """The ledger's table. Every method raises DependencyUnavailableError when it fails."""

    def read(self, address: PartitionAddress) -> StoredPartition | None:
        """Read a partition; None where its head does not exist yet."""

    def create(self, partition: Partition) -> StoredPartition:
        """Make a partition's head, or return the one that is already there."""

    def commit(self, stored: StoredPartition, commit: Commit) -> StoredPartition | None:
        """Replace a partition that is still as it was read; None where it has changed since.

        A reply that was lost looks like a change: read again, and compare.
        """

    def list_partitions(self) -> Sequence[Partition]:
        """Read every partition with all of its generations, in order."""

    def list_batches(
        self,
        address: PartitionAddress,
        from_sequence_number: int,
        limit: int,
        *,
        generation: int | None = None,
    ) -> Sequence[CommittedBatch]:
        """Read the committed batches of a generation, by first sequence number.

        Without a number, it is the current generation. Starts at the first batch whose first
        number is `from_sequence_number` or higher. Redrives are included. Those that begin with
        the last batch's first number come with it, so the next page may start at the next number.
        """

    def list_commits(
        self, address: PartitionAddress, after: int, limit: int
    ) -> Sequence[CommittedBatch]:
        """Read the batches whose commit number is higher than `after`, in that order."""

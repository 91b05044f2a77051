"""The port to the ledger's table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.ledger.batch import CommittedBatch
from shared.ledger.partition import PartitionState


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredState:
    """A partition's state and the ETag that guards it."""

    state: PartitionState
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One transaction: the new state, the batch if anything was new, the generation it ends."""

    state: PartitionState
    batch: CommittedBatch | None = None
    closed: PartitionState | None = None


class LedgerStore(Protocol):
    """The ledger's table. Every method raises DependencyUnavailableError when it fails."""

    def read(self, hub: str, partition_id: str) -> StoredState | None:
        """Read a partition's current state; None where its head does not exist yet."""

    def create(self, state: PartitionState) -> StoredState:
        """Make a partition's head, or return the one that is already there."""

    def commit(self, stored: StoredState, commit: Commit) -> StoredState | None:
        """Replace a state that is still as it was read; None where it has changed since.

        A reply lost on the way looks like a change: read again, and compare.
        """

    def list_states(self) -> Sequence[PartitionState]:
        """Read the states of every generation of every partition, in order."""

    def list_batches(
        self,
        hub: str,
        partition_id: str,
        from_sequence_number: int,
        limit: int,
        *,
        generation: int | None = None,
    ) -> Sequence[CommittedBatch]:
        """Read the committed batches of a generation, or the newest, by first sequence number.

        Starts at the first batch whose first number is `from_sequence_number` or higher. Redrives
        are among them; those that begin with the last batch's first number come with it, so that
        the next page may start at the number after it.
        """

    def list_commits(
        self, hub: str, partition_id: str, after: int, limit: int
    ) -> Sequence[CommittedBatch]:
        """Read the batches whose commit number is higher than `after`, in that order."""

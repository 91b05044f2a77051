"""What the service needs of the world outside; adapters and the tests' memory both keep to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.events import Event, SequenceRange
from shared.ledger import CommittedBatch, PartitionState
from shared.runs import RunOutcome, RunRequest, SubmittedRun, Work, WorkKind
from shared.windows import Backlog


class Lake(Protocol):
    """The lake's file system. Every method raises DependencyUnavailableError when it fails."""

    def put_if_absent(self, path: str, data: bytes, sha256: str) -> None:
        """Write a whole file durably; finding the same bytes there already is success.

        Raises LakeConflictError where the path holds other bytes. A reader may see a part of the
        file before the call returns: nobody reads a file that no committed batch names.
        Called from several threads at once, each for another path.
        """

    def read(self, path: str) -> bytes | None:
        """Read a whole file; None where there is none."""

    def list_files(self, folder: str) -> Sequence[str]:
        """List the paths of a folder's files, sorted; none where there is no such folder."""

    def list_folders(self, folder: str) -> Sequence[str]:
        """List the paths of a folder's folders, sorted; none where there is no such folder."""

    def delete(self, path: str) -> None:
        """Remove a file; one that is not there is removed already."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class HubPartition:
    """What the hub says of a partition; `last_enqueued` is -1 where nothing ever entered it.

    `created_at` is when the hub was made, with all of its partitions.
    """

    hub: str
    partition_id: str
    begin: int
    last_enqueued: int
    last_enqueued_at: datetime
    created_at: datetime


class HubReader(Protocol):
    """The hub's own properties. Raises DependencyUnavailableError when the hub does not answer."""

    def read_partitions(self) -> Sequence[HubPartition]:
        """Ask for every partition of the hub, in order."""

    def read_partition(self, partition_id: str) -> HubPartition:
        """Ask for one partition."""


class EventReader(Protocol):
    """The hub's events, once more. Raises DependencyUnavailableError."""

    def read_again(self, partition_id: str, wanted: SequenceRange) -> Sequence[Event]:
        """Read what the hub still holds of a range, in order; may end early, also with nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBacklog:
    """What waits for windows, and the ETag that guards it; None where nothing is stored yet."""

    backlog: Backlog
    etag: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWork:
    """A piece of work that is not final, and the ETag that guards it."""

    work: Work
    etag: str


class WorkStore(Protocol):
    """What Databricks has to do, in the ledger's table. Raises DependencyUnavailableError."""

    def read_backlog(self) -> StoredBacklog:
        """Read how far commits are planned."""

    def create_windows(
        self, stored: StoredBacklog, backlog: Backlog, windows: Sequence[Work]
    ) -> bool:
        """Replace the backlog and add the windows' work, in one transaction.

        False where the backlog has changed since it was read; nothing is written then.
        """

    def create_upload(self, work: Work) -> bool:
        """Add an upload's work, as it is; False where that upload was seen before."""

    def list_active(self) -> Sequence[StoredWork]:
        """Read the work that is not final, the oldest first."""

    def replace(self, stored: StoredWork, work: Work) -> bool:
        """Replace the work in one conditional write; False where it has changed since."""

    def list_recent(self, kind: WorkKind, limit: int) -> Sequence[Work]:
        """Read a kind's work that is not final and then the newest that is, `limit` of it."""


class JobRunner(Protocol):
    """Databricks Jobs. Raises DependencyUnavailableError when it does not answer in short time."""

    def submit(self, request: RunRequest) -> SubmittedRun:
        """Submit one run; the same token again is the same run.

        Raises MisconfiguredError where the workspace refuses the request for good.
        """

    def read_outcome(self, run_id: int) -> RunOutcome | None:
        """How a run ended; None while it has not."""

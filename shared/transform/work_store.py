"""The port to what Databricks has to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.transform.windows import Backlog
from shared.transform.work import Work, WorkKind


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

    def list_failed(self, kind: WorkKind, limit: int) -> Sequence[Work]:
        """Read a kind's failed work, which waits for a person, the newest first, `limit` of it."""

    def settle(self, failed: Work, work: Work) -> bool:
        """Replace failed work that a person retries or gives up; False where somebody did so.

        Retried work is active again.
        """

    def list_recent(self, kind: WorkKind, limit: int) -> Sequence[Work]:
        """Read a kind's active work, then the newest that has ended, `limit` of it.

        Failed work is not among it.
        """

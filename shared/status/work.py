"""How much of what is committed is in silver and gold, and what became of dropped files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.ledger.store import LedgerStore
from shared.transform.work import Work, WorkKind
from shared.transform.work_store import WorkStore

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkStatus:
    """What waits for a window; the windows and uploads, first the failed, then the active."""

    pending_batches: int = 0
    oldest_pending_at: datetime | None = None
    windows: Sequence[Work] = ()
    uploads: Sequence[Work] = ()

    @property
    def failed(self) -> tuple[str, ...]:
        """What waits for a person: its rows are in bronze or in the dropped file, not in silver."""
        return tuple(
            f"transform: {work.source} failed {work.attempt} times: {work.error}; once that is"
            f" mended: `landfall windows retry {work.work_id}`"
            for work in (*self.windows, *self.uploads)
            if work.waits_for_person
        )

    @property
    def hindered(self) -> tuple[str, ...]:
        """The work that waits until a problem passes."""
        return tuple(
            f"transform: {work.source}: {work.error}"
            for work in (*self.windows, *self.uploads)
            if work.error and not work.is_final
        )


def read_work_status(ledger: LedgerStore, works: WorkStore) -> WorkStatus:
    """Read it from the ledger; batches that no tick has seen yet are pending too."""
    backlog = works.read_backlog().backlog
    unseen = [
        (partition, partition.commits - scanned)
        for partition in ledger.list_partitions()
        for scanned in (backlog.scanned.get(partition.address, 0),)
        if partition.commits > scanned
    ]
    oldest = [
        commit.committed_at
        for partition, count in unseen
        for commit in ledger.list_commits(partition.address, partition.commits - count, limit=1)
    ]
    return WorkStatus(
        pending_batches=backlog.pending_batches + sum(count for _, count in unseen),
        oldest_pending_at=min([*oldest, *filter(None, [backlog.oldest_pending_at])], default=None),
        windows=_list_shown(works, "window"),
        uploads=_list_shown(works, "upload"),
    )


def _list_shown(works: WorkStore, kind: WorkKind) -> Sequence[Work]:
    """All that waits for a person, however old it is, and then the newest of the rest."""
    return (*works.list_failed(kind, MOST_SHOWN), *works.list_recent(kind, MOST_SHOWN))

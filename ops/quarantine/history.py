"""What redrives have done to a partition's numbers, up to its head's last commit."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.ledger.batch import CommittedBatch
from shared.ledger.store import LedgerStore, StoredPartition

PAGE = 1000


@dataclass(kw_only=True)
class History:
    """The redrives of a partition up to a commit; memory grows with what was redriven."""

    ledger: LedgerStore
    commits: int = 0
    _touched: dict[tuple[int, int], list[CommittedBatch]] = field(default_factory=dict)

    def catch_up(self, stored: StoredPartition) -> tuple[CommittedBatch, ...]:
        """Read the partition's redrives that are not known here yet; returns them."""
        found = tuple(
            batch for batch in read_commits(self.ledger, stored, self.commits) if batch.is_redrive
        )
        for batch in found:
            for part in batch.ranges:
                for number in range(part.first, part.last + 1):
                    self._touched.setdefault((batch.generation, number), []).append(batch)
        self.commits = stored.partition.commits
        return found

    def after(self, generation: int, number: int, commit: int) -> CommittedBatch | None:
        """The first redrive of a number after a commit, None if there was none."""
        later = self._touched.get((generation, number), ())
        return next((batch for batch in later if batch.number > commit), None)


def lands(redrive: CommittedBatch) -> bool:
    """Whether a redrive landed its numbers; if not, it kept them for another reason."""
    return any(file.contract for file in redrive.files)


def read_commits(
    ledger: LedgerStore, stored: StoredPartition, after: int = 0
) -> Iterator[CommittedBatch]:
    """Read a partition's commits page by page, up to its head's last one.

    Those are all stored. A newer commit could be visible before an older one.
    """
    partition = stored.partition
    while after < partition.commits:
        page = ledger.list_commits(partition.address, after, PAGE)
        yield from (batch for batch in page if batch.number <= partition.commits)
        after = page[-1].number if page else partition.commits

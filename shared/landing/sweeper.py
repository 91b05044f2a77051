"""Remove what landings left behind in the lake: a few folders at a time, the newest first."""

from collections.abc import Iterator, Sequence
from itertools import groupby, islice

from shared.hub.address import GenerationAddress
from shared.lake import Lake
from shared.landing.orphans import find_orphans
from shared.landing.path import LandingPath, parse_landing_path
from shared.ledger.store import LedgerStore

BATCHES_AT_ONCE = 1000
FOLDERS_AT_ONCE = 20

Named = tuple[LandingPath, str]


class Sweeper:
    """Walks the folders of bronze and quarantine; each sweep goes on where the last one stopped."""

    def __init__(self, lake: Lake, ledger: LedgerStore) -> None:
        """Keep the collaborators; does no I/O."""
        self._lake, self._ledger = lake, ledger
        self._folders: Iterator[str] | None = None

    def sweep(self) -> Sequence[str]:
        """Remove the orphans of the next folders; returns their paths.

        Raises DependencyUnavailableError; the next sweep starts at the newest folder then.
        """
        removed: list[str] = []
        folders, self._folders = self._folders or self._walk(), None
        swept = 0
        for folder in islice(folders, FOLDERS_AT_ONCE):
            removed += self._sweep_folder(folder)
            swept += 1
        if swept == FOLDERS_AT_ONCE:
            self._folders = folders
        return removed

    def _walk(self) -> Iterator[str]:
        contracts = self._lake.list_folders("bronze")
        versions = [
            folder for contract in contracts for folder in self._lake.list_folders(contract)
        ]
        layers = ["quarantine", *versions]
        days = [day for layer in layers for day in self._lake.list_folders(layer)]
        for day in sorted(days, key=lambda path: path.rpartition("/")[2], reverse=True):
            yield from reversed(self._lake.list_folders(day))

    def _sweep_folder(self, folder: str) -> Iterator[str]:
        paths = self._lake.list_files(folder)
        found = [(parsed, path) for path in paths if (parsed := parse_landing_path(path))]
        for place, group in groupby(sorted(found, key=_order), key=_place):
            for orphan in self._find(place, list(group)):
                self._lake.delete(orphan)
                yield orphan

    def _find(self, place: GenerationAddress, found: Sequence[Named]) -> Sequence[str]:
        """Find orphans: files were listed first; now read the partition, and then its batches."""
        stored = self._ledger.read(place.partition)
        if stored is None:
            return ()
        first, last = found[0][0].range.first, found[-1][0].range.first
        limit = min(len(found), BATCHES_AT_ONCE)
        named: set[str] = set()
        while first <= last:
            batches = self._ledger.list_batches(
                place.partition, first, limit, generation=place.generation
            )
            named |= {file.path for batch in batches for file in batch.files}
            if len(batches) < limit:
                break
            first = batches[-1].ranges[0].first + 1
        return find_orphans([path for _, path in found], stored.partition, named)


def _place(item: Named) -> GenerationAddress:
    return item[0].place


def _order(item: Named) -> tuple[GenerationAddress, int, str]:
    return item[0].place, item[0].range.first, item[1]

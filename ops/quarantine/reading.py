"""Read the quarantine: every event of every file that a committed batch names, file by file."""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from ops.quarantine.events import QuarantinedEvent, Selection, parse_file
from ops.quarantine.history import History, lands, read_commits
from ops.stack_service import Stores
from shared.errors import LakeConflictError
from shared.hub.address import PartitionAddress
from shared.ledger.batch import CommittedBatch, LandedFile

READERS = 4


class Quarantine:
    """The quarantine of one ledger and one lake."""

    def __init__(self, stores: Stores) -> None:
        """Keep the collaborators; does no I/O."""
        self._stores = stores
        self._histories: dict[PartitionAddress, History] = {}

    def history(self, address: PartitionAddress) -> History:
        """What is known of a partition's redrives so far."""
        new = History(ledger=self._stores.ledger)
        return self._histories.setdefault(address, new)

    def read(self, selection: Selection) -> Iterator[QuarantinedEvent]:
        """Read the selected events, kept or landed since; skip records that a later one replaces.

        In the order of commits. Raises DependencyUnavailableError, and LakeConflictError where a
        file is not the one that the ledger names.
        """
        for partition in self._stores.ledger.list_partitions():
            if selection.has_partition(partition.address):
                yield from self._read_partition(partition.address, selection)

    def _read_partition(
        self, address: PartitionAddress, selection: Selection
    ) -> Iterator[QuarantinedEvent]:
        stored = self._stores.ledger.read(address)
        if stored is None:
            return
        history = self.history(address)
        history.catch_up(stored)
        meant = filter(selection.has_batch, read_commits(self._stores.ledger, stored))
        for batch, file, data in self._read_files(meant):
            for found in parse_file(data, file.path, batch.number):
                item = _as_of_now(found, history)
                if item and item in selection:
                    yield item

    def _read_files(
        self, batches: Iterable[CommittedBatch]
    ) -> Iterator[tuple[CommittedBatch, LandedFile, bytes]]:
        """Read the batches' quarantine files, a few ahead."""
        ahead: deque[tuple[CommittedBatch, LandedFile, Future[bytes]]] = deque()
        with ThreadPoolExecutor(READERS) as pool:
            for batch in batches:
                for file in batch.files:
                    if not file.contract:
                        reading = pool.submit(read_verified, self._stores.lake.read, file)
                        ahead.append((batch, file, reading))
                if len(ahead) >= READERS:
                    batch_of, file_of, done = ahead.popleft()
                    yield batch_of, file_of, done.result()
            while ahead:
                batch_of, file_of, done = ahead.popleft()
                yield batch_of, file_of, done.result()


def read_verified(read: Callable[[str], bytes | None], file: LandedFile) -> bytes:
    """Read a committed file; raises LakeConflictError unless it is the one that was committed."""
    data = read(file.path)
    if data is None or hashlib.sha256(data).hexdigest() != file.sha256:
        what = "is not there" if data is None else "holds other bytes than were committed"
        message = f"{file.path} {what}"
        raise LakeConflictError(message, hint="`python -m ops audit` says what else is wrong")
    return data


def _as_of_now(found: QuarantinedEvent, history: History) -> QuarantinedEvent | None:
    """What became of a record; None where a redrive replaced it with a newer one."""
    later = history.after(found.place.generation, found.event.sequence_number, found.commit)
    if later is None:
        return found
    return replace(found, redriven_by=later.number) if lands(later) else None

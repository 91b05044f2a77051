"""A file of a partition's log, named by its first sequence number and its place in the log."""

import os
from dataclasses import dataclass
from pathlib import Path

from local.hub.record import RecordEntry, scan_records
from local.kit.durable_file import sync_folder

_MAGIC = b"LANDFALLHUBLOG1\n"
ORIGIN = len(_MAGIC)


class CorruptLogError(Exception):
    """A log is damaged, and a crash during a write cannot be the cause."""


@dataclass(slots=True)
class Segment:
    """An open file; ``end`` is the log position after its last whole record."""

    path: Path
    descriptor: int
    first_sequence_number: int
    base_position: int
    end: int

    @classmethod
    def create(cls, directory: Path, first_sequence_number: int, base_position: int) -> "Segment":
        """Create a new file durably."""
        path = directory / f"{first_sequence_number:020d}-{base_position:020d}.log"
        descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_RDWR | os.O_CLOEXEC, 0o644)
        os.pwrite(descriptor, _MAGIC, 0)
        os.fsync(descriptor)
        sync_folder(directory)
        return cls(path, descriptor, first_sequence_number, base_position, base_position + ORIGIN)

    @classmethod
    def open(cls, path: Path, *, may_be_torn: bool) -> tuple["Segment", list[RecordEntry]]:
        """Open a file and return its records with their log positions; cut off a torn tail."""
        first, base = (int(part) for part in path.stem.split("-"))
        data = path.read_bytes()
        entries = list(scan_records(data, ORIGIN)) if data.startswith(_MAGIC) else []
        end = entries[-1].end if entries else ORIGIN
        numbers = [entry.sequence_number for entry in entries]
        if numbers != list(range(first, first + len(numbers))):
            message = f"{path}: sequence numbers do not follow one another"
            raise CorruptLogError(message)
        if end != len(data) and not may_be_torn:
            message = f"{path}: damaged at byte {end}, and it is not the last file of its log"
            raise CorruptLogError(message)
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        segment = cls(path, descriptor, first, base, base + end)
        if end != len(data):
            segment.repair()
        moved = [
            RecordEntry(base + e.start, base + e.end, e.sequence_number, e.enqueued_ms)
            for e in entries
        ]
        return segment, moved

    def repair(self) -> None:
        """Cut off everything after the last whole record."""
        os.pwrite(self.descriptor, _MAGIC, 0)
        os.ftruncate(self.descriptor, self.end - self.base_position)
        os.fsync(self.descriptor)

    def append(self, data: bytes) -> None:
        """Write and flush; a failure leaves the file unchanged."""
        at = self.end - self.base_position
        try:
            view = memoryview(data)
            while view:
                written = os.pwrite(self.descriptor, view, at)
                view, at = view[written:], at + written
            os.fdatasync(self.descriptor)
        except OSError:
            self.repair()
            raise
        self.end += len(data)

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes between two log positions."""
        return os.pread(self.descriptor, end - start, start - self.base_position)

    @property
    def byte_count(self) -> int:
        """The file's size."""
        return self.end - self.base_position

    def close(self) -> None:
        """Close the file."""
        os.close(self.descriptor)

    def remove(self) -> None:
        """Close and delete the file."""
        self.close()
        self.path.unlink(missing_ok=True)

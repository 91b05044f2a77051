"""Disk work that survives power loss: when these functions return, their change is on disk."""

import itertools
import os
import threading
import time
import uuid
from pathlib import Path

from local.kit.durable_file import sync_folder


class ChangeClock:
    """Gives every change its own time, so no two changes have the same ETag."""

    def __init__(self) -> None:
        """Start at the wall clock."""
        self._lock = threading.Lock()
        self._last = 0

    def next_ns(self) -> int:
        """Return the wall clock's nanoseconds, or a later time if another change has them."""
        with self._lock:
            self._last = max(time.time_ns(), self._last + 1)
            return self._last


def sync_file(file: Path, modified_ns: int | None = None) -> os.stat_result:
    """Make the file's bytes durable, set its time if one is given, and return its stat."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        if modified_ns is not None:
            os.utime(descriptor, ns=(modified_ns, modified_ns))
        os.fsync(descriptor)
        return os.fstat(descriptor)
    finally:
        os.close(descriptor)


def make_folders(folder: Path) -> None:
    """Make the folder and its missing parents, each one durable in its own parent."""
    missing = list(itertools.takewhile(lambda place: not place.is_dir(), _upwards(folder)))
    for place in reversed(missing):
        place.mkdir(exist_ok=True)
        sync_folder(place.parent)


def _upwards(folder: Path) -> list[Path]:
    return [folder, *folder.parents]


def scratch_name(folder: Path) -> Path:
    """Return a new file name in a folder that readers never see."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder / uuid.uuid4().hex


def write_durably(file: Path, content: bytes) -> None:
    """Replace a file's content in one step."""
    make_folders(file.parent)
    draft = file.with_name(f"{file.name}.{uuid.uuid4().hex}")
    draft.write_bytes(content)
    sync_file(draft)
    draft.replace(file)
    sync_folder(file.parent)

"""Replaces a small file so that a crash leaves the old one or the new one."""

import os
from pathlib import Path

from local.hub.segment import sync_directory


def replace_file(path: Path, data: bytes) -> None:
    """Write a file beside the old one, flush it, and put it in the old one's place."""
    temporary = path.with_suffix(".new")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_directory(path.parent)

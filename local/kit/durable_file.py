"""Files that survive power loss: when these functions return, their change is on disk."""

import os
from pathlib import Path


def replace_file(file: Path, content: bytes) -> None:
    """Replace a small file's content; a crash leaves either the old content or the new."""
    draft = file.with_suffix(".new")
    with draft.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Make a folder's entries durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

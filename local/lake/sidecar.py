"""Properties kept beside the data tree, found by a file's identity rather than by its name.

A file's identity is its inode and its time of change, so a rename (of the file or of any directory
above it) keeps its properties without a second step that a crash could part from the first, and a
file that someone else replaces by hand loses them, as it should. A new version's properties are
written before the version becomes visible. A directory's time changes with its children, so its
identity is the inode and its own name.
"""

import json
import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from local.lake.disk import write_durably
from local.lake.properties import Properties


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """What is kept of one path: its properties, and when they were last set apart from the data."""

    properties: Properties
    revised_ns: int | None = None
    directory_names: Collection[str] = ()


def file_identity(stat: os.stat_result) -> str:
    """Name a file's version."""
    return f"{stat.st_ino:x}-{stat.st_mtime_ns:x}"


def directory_identity(stat: os.stat_result) -> str:
    """Name a directory."""
    return f"{stat.st_ino:x}-directory"


def read_sidecar(folder: Path, identity: str) -> Sidecar | None:
    """Read what is kept for the identity, if anything is."""
    try:
        kept = json.loads((folder / identity).read_bytes())
    except FileNotFoundError:
        return None
    return Sidecar(
        properties=Properties(content=kept["content"], metadata=kept["metadata"]),
        revised_ns=kept["revised_ns"],
        directory_names=kept["directory_names"],
    )


def write_sidecar(folder: Path, identity: str, sidecar: Sidecar) -> None:
    """Keep it durably, in place of what was kept."""
    kept = {
        "content": dict(sidecar.properties.content),
        "metadata": dict(sidecar.properties.metadata),
        "revised_ns": sidecar.revised_ns,
        "directory_names": list(sidecar.directory_names),
    }
    write_durably(folder / identity, json.dumps(kept).encode())


def remove_sidecar(folder: Path, identity: str) -> None:
    """Forget it; one that is left behind matches no file and does no harm."""
    (folder / identity).unlink(missing_ok=True)

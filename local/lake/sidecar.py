"""Properties stored beside the data tree, found by a file's identity and not by its name.

A file's identity is its inode and its time of change. So a rename of the file, or of a directory
above it, keeps the properties in a single step that a crash cannot split. If someone replaces the
file by hand, it loses them, as it should. The properties of a new version are written before the
version becomes visible. A directory's time changes with its children, so its identity is the inode
and its own name.
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
    """The properties of one path, and when they last changed without a change of the data."""

    properties: Properties
    revised_ns: int | None = None
    directory_names: Collection[str] = ()


def file_identity(stat: os.stat_result) -> str:
    """Return the identity of a file's version."""
    return f"{stat.st_ino:x}-{stat.st_mtime_ns:x}"


def directory_identity(stat: os.stat_result) -> str:
    """Return the identity of a directory."""
    return f"{stat.st_ino:x}-directory"


def read_sidecar(folder: Path, identity: str) -> Sidecar | None:
    """Read the sidecar of an identity, if there is one."""
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
    """Write the sidecar durably, in place of any earlier one."""
    kept = {
        "content": dict(sidecar.properties.content),
        "metadata": dict(sidecar.properties.metadata),
        "revised_ns": sidecar.revised_ns,
        "directory_names": list(sidecar.directory_names),
    }
    write_durably(folder / identity, json.dumps(kept).encode())


def remove_sidecar(folder: Path, identity: str) -> None:
    """Remove the sidecar; one left behind would match no file and do no harm."""
    (folder / identity).unlink(missing_ok=True)

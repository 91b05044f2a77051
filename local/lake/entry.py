"""A path's current file or directory, as readers see it."""

import hashlib
import os
import stat as stat_modes
from dataclasses import dataclass
from datetime import UTC, datetime

from local.lake.conditions import Version
from local.lake.paths import Folders, LakePath
from local.lake.properties import Properties
from local.lake.sidecar import Sidecar, directory_identity, file_identity, read_sidecar


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file or directory, with its ETag and its stored properties."""

    is_directory: bool
    size: int
    identity: str
    etag: str
    modified_ns: int
    properties: Properties

    @property
    def version(self) -> Version:
        """The values that conditions check."""
        modified_at = datetime.fromtimestamp(self.modified_ns // 10**9, UTC)
        return Version(etag=self.etag, modified_at=modified_at)


def look(folders: Folders, path: LakePath) -> Entry | None:
    """Find the entry at the path; a symbolic link and everything behind it do not exist."""
    place = folders.locate(path)
    if place is None:
        return None
    try:
        found = place.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return describe(folders, path, found)


def describe(folders: Folders, path: LakePath, found: os.stat_result) -> Entry | None:
    """Describe the path from its stat; None if it is neither a file nor a directory."""
    kept = folders.properties
    if stat_modes.S_ISREG(found.st_mode):
        identity = file_identity(found)
        return file_entry(found, read_sidecar(kept, identity))
    if stat_modes.S_ISDIR(found.st_mode):
        sidecar = read_sidecar(kept, directory_identity(found))
        is_of_another = sidecar is not None and path.own_name not in sidecar.directory_names
        return directory_entry(found, None if is_of_another else sidecar)
    return None


def file_entry(found: os.stat_result, sidecar: Sidecar | None) -> Entry:
    """Describe a file."""
    revised_ns = sidecar.revised_ns if sidecar else None
    identity = file_identity(found)
    return Entry(
        is_directory=False,
        size=found.st_size,
        identity=identity,
        etag=_etag(identity, found.st_size, revised_ns),
        modified_ns=max(found.st_mtime_ns, revised_ns or 0),
        properties=sidecar.properties if sidecar else Properties(),
    )


def directory_entry(found: os.stat_result, sidecar: Sidecar | None) -> Entry:
    """Describe a directory, whose ETag does not change with its children."""
    revised_ns = sidecar.revised_ns if sidecar else None
    identity = directory_identity(found)
    return Entry(
        is_directory=True,
        size=0,
        identity=identity,
        etag=_etag(identity, 0, revised_ns),
        modified_ns=revised_ns or found.st_mtime_ns,
        properties=sidecar.properties if sidecar else Properties(),
    )


def _etag(identity: str, size: int, revised_ns: int | None) -> str:
    text = f"{identity} {size} {revised_ns}".encode()
    return f"0x8D{hashlib.blake2b(text, digest_size=8).hexdigest().upper()[:13]}"

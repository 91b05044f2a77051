"""Paths: a filesystem and a path in it, and their place on disk."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from local.lake import errors
from local.lake.errors import LakeError

_FILESYSTEM_NAME = re.compile(r"[a-z0-9](?:-?[a-z0-9]){2,62}")
_LONGEST_NAME_BYTES = 255
_META_FOLDER = ".meta"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class LakePath:
    """A path in a filesystem; without segments it is the filesystem's root."""

    filesystem: str
    segments: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The path below the filesystem, with slashes."""
        return "/".join(self.segments)

    @property
    def own_name(self) -> str:
        """The last part of the path."""
        return self.segments[-1] if self.segments else self.filesystem

    @property
    def parent(self) -> "LakePath":
        """The directory that holds this path."""
        return LakePath(filesystem=self.filesystem, segments=self.segments[:-1])

    def is_below(self, other: "LakePath") -> bool:
        """Say whether this path lies strictly below the other."""
        depth = len(other.segments)
        same = self.filesystem == other.filesystem and self.segments[:depth] == other.segments
        return same and len(self.segments) > depth

    def __str__(self) -> str:
        """Write it as `/filesystem/path`, the form that faults match."""
        return "/".join(("", self.filesystem, *self.segments))


def parse_path(raw: str) -> LakePath:
    """Read a percent-encoded `/filesystem/path`; an encoded slash is a slash, as in the service."""
    try:
        decoded = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError as error:
        raise LakeError(errors.INVALID_URI) from error
    filesystem, _, below = decoded.strip("/").partition("/")
    if filesystem and not is_filesystem_name(filesystem):
        raise LakeError(errors.INVALID_RESOURCE_NAME)
    return LakePath(filesystem=filesystem, segments=parse_segments(below))


def parse_segments(name: str) -> tuple[str, ...]:
    """Split a decoded path and refuse every name that has another meaning on disk."""
    segments = tuple(part for part in name.split("/") if part)
    if any(_is_unusable(segment) for segment in segments):
        raise LakeError(errors.INVALID_URI)
    return segments


def _is_unusable(segment: str) -> bool:
    too_long = len(segment.encode("utf-8", "surrogatepass")) > _LONGEST_NAME_BYTES
    return segment in (".", "..") or "\0" in segment or too_long


def is_filesystem_name(name: str) -> bool:
    """Say whether the service would accept this name for a filesystem."""
    return _FILESYSTEM_NAME.fullmatch(name) is not None and len(name) <= 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """The data folder's layout: data at `<filesystem>/<path>`, all else under `.meta/`."""

    root: Path

    @property
    def properties(self) -> Path:
        """Metadata and content headers, one file for each path that has any."""
        return self.root / _META_FOLDER / "properties"

    @property
    def staged(self) -> Path:
        """Appended data that is not flushed yet."""
        return self.root / _META_FOLDER / "staged"

    @property
    def scratch(self) -> Path:
        """Files being written, before a rename makes them visible."""
        return self.root / _META_FOLDER / "scratch"

    @property
    def trash(self) -> Path:
        """Deleted data that readers no longer see but that is still on disk."""
        return self.root / _META_FOLDER / "trash"

    def locate(self, path: LakePath) -> Path | None:
        """Find the path's place on disk; None if a symbolic link is in the way."""
        place = self.root.joinpath(path.filesystem, *path.segments)
        return place if os.path.realpath(place) == str(place) else None

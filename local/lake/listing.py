"""Listings of paths; each page reads the disk, so it shows files that others put there."""

import base64
import binascii
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from local.lake import errors
from local.lake.entry import Entry, directory_entry, file_entry, look
from local.lake.errors import LakeError
from local.lake.paths import LakePath
from local.lake.sidecar import (
    Sidecar,
    directory_identity,
    file_identity,
    read_sidecar,
)
from local.lake.store import Store

_LARGEST_PAGE = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPath:
    """One line of a listing."""

    path: LakePath
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRequest:
    """The parameters of a listing."""

    directory: LakePath
    recursive: bool
    page_size: int = _LARGEST_PAGE
    continuation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One part of a listing, and the token for the next part."""

    paths: list[ListedPath]
    continuation: str


class Snapshot:
    """All paths as they were at one time, for stale listings."""

    def __init__(self, store: Store, filesystems: Iterable[str]) -> None:
        """Walk the filesystems now."""
        self._paths = {name: list(_walk_filesystem(store, name)) for name in filesystems}

    def list_page(self, request: ListRequest) -> Page:
        """Return the page that `list_page` would have returned at the time of the snapshot."""
        directory = request.directory
        paths = self._paths.get(directory.filesystem, [])
        if directory.segments and all(listed.path != directory for listed in paths):
            raise LakeError(errors.PATH_NOT_FOUND)
        depth = len(directory.segments) + 1
        below = (listed for listed in paths if listed.path.is_below(directory))
        return _page(
            request,
            (one for one in below if request.recursive or len(one.path.segments) == depth),
        )


def list_page(store: Store, request: ListRequest) -> Page:
    """List one page of the paths below a directory."""
    store.require_filesystem(request.directory.filesystem)
    entry = look(store.folders, request.directory)
    if entry is None or not entry.is_directory:
        raise LakeError(errors.PATH_NOT_FOUND)
    kept = _Kept(store)
    return _page(request, _walk(kept, request.directory, recursive=request.recursive))


def _walk_filesystem(store: Store, name: str) -> Iterator[ListedPath]:
    return _walk(_Kept(store), LakePath(filesystem=name), recursive=True)


def _page(request: ListRequest, paths: Iterable[ListedPath]) -> Page:
    after = _decode_token(request.continuation)
    size = min(request.page_size, _LARGEST_PAGE)
    rest = (listed for listed in paths if listed.path.segments > after)
    found = list(islice(rest, size + 1))
    is_more = len(found) > size
    token = _encode_token(found[size - 1].path) if is_more else ""
    return Page(paths=found[:size], continuation=token)


def _encode_token(path: LakePath) -> str:
    return base64.urlsafe_b64encode(os.fsencode(path.name)).decode()


def _decode_token(token: str) -> tuple[str, ...]:
    try:
        name = os.fsdecode(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, UnicodeEncodeError) as error:
        raise LakeError(errors.invalid_query("continuation")) from error
    return tuple(name.split("/")) if name else ()


class _Kept:
    """The stored properties of paths; listing their folder once saves a failed open per path."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._folder = store.folders.properties
        self._identities = _names(self._folder)

    def read(self, identity: str) -> Sidecar | None:
        return read_sidecar(self._folder, identity) if identity in self._identities else None


def _names(folder: Path) -> set[str]:
    return {place.name for place in folder.iterdir()} if folder.is_dir() else set()


def _walk(kept: _Kept, directory: LakePath, *, recursive: bool) -> Iterator[ListedPath]:
    for found in _scan(kept, directory):
        listed = _describe(kept, directory, found)
        if listed is None:
            continue
        yield listed
        if recursive and listed.entry.is_directory:
            yield from _walk(kept, listed.path, recursive=True)


def _scan(kept: _Kept, directory: LakePath) -> list["os.DirEntry[str]"]:
    place = kept.store.folders.locate(directory)
    try:
        with os.scandir(place or "") as found:
            return sorted(found, key=lambda one: one.name)
    except (FileNotFoundError, NotADirectoryError):  # deleted since we read its parent
        return []


def _describe(kept: _Kept, directory: LakePath, found: "os.DirEntry[str]") -> ListedPath | None:
    try:
        entry = _entry(kept, found)
    except FileNotFoundError:  # deleted since we read the folder
        return None
    if entry is None:
        return None
    segments = (*directory.segments, found.name)
    path = LakePath(filesystem=directory.filesystem, segments=segments)
    return ListedPath(path=path, entry=entry)


def _entry(kept: _Kept, found: "os.DirEntry[str]") -> Entry | None:
    stat = found.stat(follow_symlinks=False)
    if found.is_file(follow_symlinks=False):
        return file_entry(stat, kept.read(file_identity(stat)))
    if found.is_dir(follow_symlinks=False):
        sidecar = kept.read(directory_identity(stat))
        is_own = sidecar is not None and found.name in sidecar.directory_names
        return directory_entry(stat, sidecar if is_own else None)
    return None

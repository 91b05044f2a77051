"""The changes to the directory tree. Blocking; callers hold the path's lock."""

import errno
import os
import shutil
import stat as stat_modes
from dataclasses import dataclass
from pathlib import Path

from local.kit.durable_file import sync_folder
from local.lake import errors
from local.lake.conditions import Conditions
from local.lake.disk import make_folders, scratch_name
from local.lake.entry import Entry, look
from local.lake.errors import LakeError
from local.lake.paths import LakePath
from local.lake.properties import Properties
from local.lake.sidecar import (
    Sidecar,
    directory_identity,
    file_identity,
    read_sidecar,
    write_sidecar,
)
from local.lake.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """The parameters of a rename."""

    source: LakePath
    target: LakePath
    source_conditions: Conditions
    target_conditions: Conditions


def create_directory(
    store: Store, path: LakePath, properties: Properties, conditions: Conditions
) -> Entry:
    """Make a directory; an existing one keeps its children."""
    store.require_filesystem(path.filesystem)
    before = look(store.folders, path)
    conditions.check_create(before.version if before else None)
    if before is not None and not before.is_directory:
        raise LakeError(errors.PATH_CONFLICT)
    store.make_parent(path)
    make_folders(store.place(path))
    return store.set_properties(path, properties, Conditions())


def delete_path(store: Store, path: LakePath, conditions: Conditions, *, recursive: bool) -> None:
    """Delete a file or directory in one step; only `recursive` deletes one with children."""
    before = store.find(path)
    conditions.check_write(before.version)
    place = store.place(path)
    if not before.is_directory:
        place.unlink()
        sync_folder(place.parent)
        store.forget(before.identity)
        return
    if not recursive and any(place.iterdir()):
        raise LakeError(errors.DIRECTORY_NOT_EMPTY)
    discard(store, place)


def discard(store: Store, place: Path) -> None:
    """Move a folder to the trash in one step, then delete its files."""
    trashed = scratch_name(store.folders.trash)
    place.rename(trashed)
    sync_folder(place.parent)
    for folder, _, files in os.walk(trashed):
        for found in [Path(folder), *(Path(folder, name) for name in files)]:
            store.forget(_identity(found))
    shutil.rmtree(trashed, ignore_errors=True)


def _identity(place: Path) -> str:
    found = place.lstat()
    is_directory = stat_modes.S_ISDIR(found.st_mode)
    return directory_identity(found) if is_directory else file_identity(found)


def rename_path(store: Store, rename: Rename) -> Entry:
    """Move a file or directory in one step; its ETag and properties go with it."""
    source = _find_source(store, rename)
    target = look(store.folders, rename.target)
    rename.target_conditions.check_create(target.version if target else None)
    _check_target(store, rename, source, target)
    if source.is_directory:
        _keep_directory_properties(store, rename, source)
    _move(store.place(rename.source), store.place(rename.target))
    if target is not None:
        store.forget(target.identity)
    return store.find(rename.target)


def _find_source(store: Store, rename: Rename) -> Entry:
    store.require_filesystem(rename.source.filesystem)
    store.require_filesystem(rename.target.filesystem)
    source = look(store.folders, rename.source)
    if source is None or not rename.source.segments:
        raise LakeError(errors.SOURCE_PATH_NOT_FOUND)
    rename.source_conditions.check_source(source.version)
    return source


def _check_target(store: Store, rename: Rename, source: Entry, target: Entry | None) -> None:
    if rename.target == rename.source or rename.target.is_below(rename.source):
        raise LakeError(errors.INVALID_RENAME_SOURCE)
    if target is not None and target.is_directory != source.is_directory:
        raise LakeError(errors.INVALID_RENAME_TYPES)
    parent = look(store.folders, rename.target.parent)
    if parent is None:
        raise LakeError(errors.RENAME_PARENT_NOT_FOUND)
    if not parent.is_directory:
        raise LakeError(errors.PATH_CONFLICT)


def _keep_directory_properties(store: Store, rename: Rename, source: Entry) -> None:
    """Store the directory's properties under both names, so a crash in between loses none."""
    kept = store.folders.properties
    sidecar = read_sidecar(kept, source.identity)
    if sidecar is None:
        return
    names = (rename.source.segments[-1], rename.target.segments[-1])
    both = Sidecar(
        properties=source.properties, revised_ns=sidecar.revised_ns, directory_names=names
    )
    write_sidecar(kept, source.identity, both)


def _move(source: Path, target: Path) -> None:
    try:
        source.replace(target)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise LakeError(errors.DIRECTORY_NOT_EMPTY) from error
        raise
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)

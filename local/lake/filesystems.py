"""Filesystems: the data folder's own folders. Blocking."""

from dataclasses import dataclass

from local.lake import errors
from local.lake.conditions import Conditions
from local.lake.disk import make_folders
from local.lake.entry import Entry, look
from local.lake.errors import LakeError
from local.lake.paths import LakePath, is_filesystem_name
from local.lake.properties import Properties
from local.lake.store import Store
from local.lake.tree import discard


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFilesystem:
    """A filesystem's name and its entry."""

    name: str
    entry: Entry


def create_filesystem(store: Store, name: str, properties: Properties) -> Entry:
    """Make a new filesystem."""
    if not is_filesystem_name(name):
        raise LakeError(errors.INVALID_RESOURCE_NAME)
    if look(store.folders, LakePath(filesystem=name)) is not None:
        raise LakeError(errors.FILESYSTEM_ALREADY_EXISTS)
    make_folders(store.place(LakePath(filesystem=name)))
    return set_filesystem_metadata(store, name, properties, Conditions())


def find_filesystem(store: Store, name: str) -> Entry:
    """Find a filesystem."""
    store.require_filesystem(name)
    return store.find(LakePath(filesystem=name))


def set_filesystem_metadata(
    store: Store, name: str, properties: Properties, conditions: Conditions
) -> Entry:
    """Replace a filesystem's metadata."""
    store.require_filesystem(name)
    return store.set_properties(LakePath(filesystem=name), properties, conditions)


def delete_filesystem(store: Store, name: str, conditions: Conditions) -> None:
    """Delete a filesystem and everything in it."""
    conditions.check_write(find_filesystem(store, name).version)
    discard(store, store.place(LakePath(filesystem=name)))


def list_filesystems(store: Store, prefix: str) -> list[NamedFilesystem]:
    """List the filesystems in order of name."""
    names = sorted(place.name for place in store.folders.root.iterdir())
    found = (
        (name, look(store.folders, LakePath(filesystem=name)))
        for name in names
        if is_filesystem_name(name) and name.startswith(prefix)
    )
    return [
        NamedFilesystem(name=name, entry=entry)
        for name, entry in found
        if entry is not None and entry.is_directory
    ]

"""The changes that clients make to files. Blocking; callers hold the path's lock."""

import os
from dataclasses import dataclass
from pathlib import Path

from local.kit.durable_file import sync_folder
from local.lake import errors
from local.lake.conditions import Conditions
from local.lake.disk import ChangeClock, make_folders, scratch_name, sync_file
from local.lake.entry import Entry, look
from local.lake.errors import LakeError
from local.lake.paths import Folders, LakePath
from local.lake.properties import Properties
from local.lake.sidecar import Sidecar, file_identity, remove_sidecar, write_sidecar
from local.lake.staging import (
    Piece,
    assemble,
    drop_staged,
    list_pieces,
    move_staged,
    plan_flush,
    stage,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flush:
    """The parameters of a flush."""

    position: int
    retain: bool
    content: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The files below one data folder."""

    folders: Folders
    clock: ChangeClock

    def require_filesystem(self, filesystem: str) -> None:
        """Refuse if the filesystem does not exist."""
        if look(self.folders, LakePath(filesystem=filesystem)) is None:
            raise LakeError(errors.FILESYSTEM_NOT_FOUND)

    def find(self, path: LakePath) -> Entry:
        """Find the entry at the path, or refuse if there is none."""
        self.require_filesystem(path.filesystem)
        entry = look(self.folders, path)
        if entry is None:
            raise LakeError(errors.PATH_NOT_FOUND)
        return entry

    def find_file(self, path: LakePath) -> Entry:
        """Find a file at the path."""
        entry = self.find(path)
        if entry.is_directory:
            raise LakeError(errors.PATH_CONFLICT)
        return entry

    def place(self, path: LakePath) -> Path:
        """Find the path's place on disk, or refuse if a symbolic link is in the way."""
        place = self.folders.locate(path)
        if place is None:
            raise LakeError(errors.PATH_CONFLICT)
        return place

    def create_file(self, path: LakePath, properties: Properties, conditions: Conditions) -> Entry:
        """Put an empty file at the path; replace an existing file."""
        self.require_filesystem(path.filesystem)
        before = look(self.folders, path)
        conditions.check_create(before.version if before else None)
        if before is not None and before.is_directory:
            raise LakeError(errors.PATH_CONFLICT)
        self.make_parent(path)
        draft = scratch_name(self.folders.scratch)
        draft.touch()
        self._publish(path, draft, properties, must_be_new=conditions.only_if_absent)
        self._forget(before)
        return self.find(path)

    def append(self, path: LakePath, position: int, draft: Path) -> None:
        """Stage received bytes for the file's next flush."""
        entry = self.find_file(path)
        stage(self._staged(entry.identity), position, draft)

    def flush(self, path: LakePath, flush: Flush, conditions: Conditions) -> Entry:
        """Commit the staged data up to the position."""
        before = self.find_file(path)
        conditions.check_write(before.version)
        staged = self._staged(before.identity)
        pieces = plan_flush(before.size, flush.position, list_pieces(staged), retain=flush.retain)
        if not pieces:
            return self._flush_nothing(path, before, flush)
        draft = self._draft(path, before, pieces)
        properties = before.properties.with_content(flush.content)
        identity = self._publish(path, draft, properties, must_be_new=False)
        if flush.retain:
            move_staged(staged, self._staged(identity))
        self._forget(before)
        return self.find(path)

    def set_properties(
        self, path: LakePath, properties: Properties, conditions: Conditions
    ) -> Entry:
        """Replace the path's properties without changing its data."""
        before = self.find(path)
        conditions.check_write(before.version)
        sidecar = Sidecar(
            properties=properties,
            revised_ns=self.clock.next_ns(),
            directory_names=(path.own_name,),
        )
        write_sidecar(self.folders.properties, before.identity, sidecar)
        return self.find(path)

    def _flush_nothing(self, path: LakePath, before: Entry, flush: Flush) -> Entry:
        if not flush.content:
            return before
        properties = before.properties.with_content(flush.content)
        return self.set_properties(path, properties, Conditions())

    def _draft(self, path: LakePath, before: Entry, pieces: list[Piece]) -> Path:
        if before.size == 0 and len(pieces) == 1:
            return pieces[0].file  # the usual case: the piece itself becomes the file
        draft = scratch_name(self.folders.scratch)
        assemble(draft, self.place(path), pieces)
        return draft

    def _publish(
        self, path: LakePath, draft: Path, properties: Properties, *, must_be_new: bool
    ) -> str:
        """Move a finished file to its path, durably and in one step; return its identity."""
        place = self.place(path)
        identity = file_identity(sync_file(draft, self.clock.next_ns()))
        if not properties.is_empty:
            folder = self.folders.properties
            write_sidecar(folder, identity, Sidecar(properties=properties))
        _move(draft, place, must_be_new=must_be_new)
        sync_folder(place.parent)
        return identity

    def make_parent(self, path: LakePath) -> None:
        """Make the directories above a path; the service does this implicitly too."""
        try:
            make_folders(self.place(path).parent)
        except (FileExistsError, NotADirectoryError) as error:
            raise LakeError(errors.PATH_CONFLICT) from error

    def _forget(self, before: Entry | None) -> None:
        if before is not None:
            self.forget(before.identity)

    def forget(self, identity: str) -> None:
        """Drop the properties and staged data of a version that no longer exists."""
        remove_sidecar(self.folders.properties, identity)
        drop_staged(self.folders.staged / identity)

    def _staged(self, identity: str) -> Path:
        return self.folders.staged / identity


def _move(draft: Path, place: Path, *, must_be_new: bool) -> None:
    if not must_be_new:
        draft.replace(place)
        return
    try:
        os.link(draft, place)  # unlike a rename, this fails if someone else was faster
    except FileExistsError as error:
        raise LakeError(errors.PATH_ALREADY_EXISTS) from error
    finally:
        draft.unlink()

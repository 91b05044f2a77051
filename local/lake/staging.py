"""Appended data that is not flushed yet: pieces on disk that readers do not see."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from local.lake import errors
from local.lake.errors import LakeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One append: where it starts, how long it is, and the file that holds it."""

    position: int
    length: int
    file: Path

    @property
    def end(self) -> int:
        """The position where the next piece must start."""
        return self.position + self.length


def stage(folder: Path, position: int, draft: Path) -> None:
    """Stage a received append; it replaces an earlier one at the same position, as on a retry."""
    folder.mkdir(parents=True, exist_ok=True)
    draft.replace(folder / f"{position:020d}")


def list_pieces(folder: Path) -> list[Piece]:
    """List the staged pieces in order of position."""
    if not folder.is_dir():
        return []
    return [_piece(file) for file in sorted(folder.iterdir())]


def _piece(file: Path) -> Piece:
    return Piece(position=int(file.name), length=file.stat().st_size, file=file)


def plan_flush(
    committed: int, position: int, pieces: Sequence[Piece], *, retain: bool
) -> list[Piece]:
    """Choose the pieces that extend the file from its committed length to the position.

    Without `retain`, a position before the end of the staged data is refused: to drop the rest
    silently would lose data that a client has appended.
    """
    taken: list[Piece] = []
    end = committed
    for piece in pieces:
        if piece.position == end and piece.end <= position:
            taken.append(piece)
            end = piece.end
    is_more = any(piece.end > position for piece in pieces)
    if end != position or (is_more and not retain):
        raise LakeError(errors.INVALID_FLUSH_POSITION)
    return taken


def assemble(draft: Path, committed: Path, pieces: Sequence[Piece]) -> None:
    """Write the committed bytes, then the pieces."""
    with draft.open("wb") as target:
        for source in (committed, *(piece.file for piece in pieces)):
            with source.open("rb") as stream:
                shutil.copyfileobj(stream, target, 1024 * 1024)


def move_staged(source: Path, target: Path) -> None:
    """Move the data that a flush retained to the file's next version."""
    if source.is_dir():
        source.replace(target)


def drop_staged(folder: Path) -> None:
    """Drop the staged data."""
    shutil.rmtree(folder, ignore_errors=True)

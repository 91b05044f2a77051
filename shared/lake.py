"""The port to the lake: what the service needs of a file system."""

from collections.abc import Sequence
from typing import Protocol


class Lake(Protocol):
    """The lake's file system. Every method raises DependencyUnavailableError when it fails."""

    def put_if_absent(self, path: str, data: bytes, sha256: str) -> None:
        """Write a whole file durably; it is success if the path already holds the same bytes.

        Raises LakeConflictError where the path holds other bytes. A reader could see a part of
        the file before the call returns, but nobody reads a file that no committed batch names.
        Called from several threads at once, each for another path.
        """

    def read(self, path: str) -> bytes | None:
        """Read a whole file; None where there is none."""

    def list_files(self, folder: str) -> Sequence[str]:
        """List the paths of a folder's files, sorted; none where there is no such folder."""

    def list_folders(self, folder: str) -> Sequence[str]:
        """List the paths of a folder's folders, sorted; none where there is no such folder."""

    def delete(self, path: str) -> None:
        """Remove a file; it is success if there is none."""

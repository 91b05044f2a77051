"""Blob paths with names in braces: `container/{name}.csv`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobPath:
    """A trigger's path: one container, and a pattern of blob names in it."""

    container: str
    pattern: re.Pattern[str]

    def match(self, blob_name: str) -> Mapping[str, str] | None:
        """Return the values of the names in braces, or None if the blob does not match."""
        match = self.pattern.fullmatch(blob_name)
        return match.groupdict() if match else None


def parse_blob_path(path: str) -> BlobPath:
    """Parse a path; raise ValueError when this host cannot watch it."""
    container, _, blob = path.strip("/").partition("/")
    if not container or "{" in container:
        msg = f"the blob path '{path}' must begin with a container's name"
        raise ValueError(msg)
    # Without a pattern every blob of the container matches.
    pieces = _NAME.split(blob or "{name}")
    pattern = "".join(
        # A name matches as much as possible, including slashes, as in the real host.
        f"(?P<{piece}>.+)" if index % 2 else re.escape(piece)
        for index, piece in enumerate(pieces)
    )
    if any("{" in piece or "}" in piece for piece in pieces[::2]):
        msg = f"the blob path '{path}' has an expression that this local host does not have"
        raise ValueError(msg)
    return BlobPath(container=container, pattern=re.compile(pattern, re.DOTALL))

"""A task's output on its standard streams, up to the service's limit."""

import os
from pathlib import Path

MOST_BYTES = 5 * 1024 * 1024


def read_log(log: Path) -> tuple[str, bool]:
    """Read the end of a log, and say whether its beginning was left out."""
    try:
        with log.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - MOST_BYTES))
            return stream.read(MOST_BYTES).decode(errors="replace"), size > MOST_BYTES
    except FileNotFoundError:
        return "", False

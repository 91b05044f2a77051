"""Durable records: one JSON document a file, whole or not at all."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """A folder of records by number; what `write` has returned from outlives the machine."""

    folder: Path

    def read_all(self) -> dict[int, Any]:
        """Read every record, in order of number."""
        self.folder.mkdir(parents=True, exist_ok=True)
        files = sorted(self.folder.glob("*.json"), key=lambda file: int(file.stem))
        return {int(file.stem): json.loads(file.read_bytes()) for file in files}

    def write(self, number: int, record: Mapping[str, Any]) -> None:
        """Replace a record in one step."""
        file = self.folder / f"{number}.json"
        draft = file.with_suffix(".new")
        with draft.open("wb") as stream:
            stream.write(json.dumps(record).encode())
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
        _sync_folder(self.folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

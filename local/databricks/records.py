"""Durable records: one JSON document per file, written completely or not at all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.kit.durable_file import replace_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """A folder of records by number; once `write` returns, the record survives a power failure."""

    folder: Path

    def read_all(self) -> dict[int, Any]:
        """Read every record, in order of number."""
        self.folder.mkdir(parents=True, exist_ok=True)
        files = sorted(self.folder.glob("*.json"), key=lambda file: int(file.stem))
        return {int(file.stem): json.loads(file.read_bytes()) for file in files}

    def write(self, number: int, record: Mapping[str, Any]) -> None:
        """Replace a record in one step."""
        replace_file(self.folder / f"{number}.json", json.dumps(record).encode())

"""Keeps everything that the hub ever stored: hard links to its logs survive retention.

Each time the hub is made anew, that is a new making. We number makings from 0 as we see them.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from local.hub.amqp_decode import decode
from local.hub.messages import DATA, sections
from local.hub.record import HEAD_BYTES, scan_records
from local.hub.segment import ORIGIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """One making of the hub, as the hub describes it."""

    number: int
    created_at: datetime
    folder: Path

    def partition_ids(self) -> list[str]:
        """The partitions with archived logs."""
        return sorted((str(int(path.name[1:])) for path in self.folder.iterdir()), key=int)

    def read(self, partition_id: str) -> Mapping[int, bytes]:
        """The bodies by sequence number."""
        logs = sorted((self.folder / f"p{int(partition_id):03d}").glob("*.log"))
        return dict(event for log in logs for event in _events(log.read_bytes()))


class HubArchive:
    """Links the logs of one hub into its own folder, at each call of `look`."""

    def __init__(self, hub: Path, folder: Path) -> None:
        """Archive the logs below the hub's own folder."""
        self._hub, self._folder = hub, folder
        self.makings: list[Making] = []

    def look(self) -> None:
        """Link new logs; data appended to a linked log is in the archive at once."""
        with suppress(FileNotFoundError):  # the hub creates and removes files at the same time
            definition = json.loads((self._hub / "hub.json").read_bytes())
            incarnation = self._hub / definition["incarnation"]
            making = self._making(definition["incarnation"], definition["created_ms"])
            for log in incarnation.glob("p*/*.log"):
                link = making.folder / log.parent.name / log.name
                if not link.exists():
                    link.parent.mkdir(parents=True, exist_ok=True)
                    os.link(log, link)

    def _making(self, incarnation: str, created_ms: int) -> Making:
        for making in self.makings:
            if making.folder.name == incarnation:
                return making
        folder = self._folder / incarnation
        folder.mkdir(parents=True)
        made = Making(
            number=len(self.makings),
            created_at=datetime.fromtimestamp(created_ms / 1000, UTC),
            folder=folder,
        )
        self.makings.append(made)
        return made


def _events(log: bytes) -> Iterator[tuple[int, bytes]]:
    for entry in scan_records(log, ORIGIN):
        yield entry.sequence_number, _body(log[entry.start + HEAD_BYTES : entry.end])


def _body(message: bytes) -> bytes:
    found = (
        cast("bytes", decode(message, section.value_at)[0])
        for section in sections(message)
        if section.code == DATA
    )
    return b"".join(found)

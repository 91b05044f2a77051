"""The hosts' checkpoints: set back to earlier ones, set ahead to the hub's end, or deleted."""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.blob import BlobProperties, ContainerClient

from chaos.plan import Checkpoint
from chaos.services import HUB, Services
from local.host.eventhub_connection import CHECKPOINT_CONTAINER

LOG = logging.getLogger("chaos.checkpoints")
LOOKS_KEPT = 10
Position = Mapping[str, str]


class Checkpoints:
    """Reads the checkpoints from time to time, so they can be set back later."""

    def __init__(self, services: Services) -> None:
        """Start with no checkpoint read."""
        self._services = services
        self._container = ContainerClient.from_connection_string(
            services.settings["AzureWebJobsStorage"],
            CHECKPOINT_CONTAINER,
            retry_total=0,
            connection_timeout=2,
            read_timeout=5,
        )
        self._seen: dict[str, deque[Position]] = defaultdict(lambda: deque(maxlen=LOOKS_KEPT))

    async def look(self) -> None:
        """Remember the current checkpoints."""
        for blob in await asyncio.to_thread(self._list, "/"):
            seen = self._seen[blob.name]
            if seen and int(seen[-1]["offset"]) > int(blob.metadata["offset"]):
                seen.clear()
            seen.append(dict(blob.metadata))

    async def prepare(self, group: str, what: Checkpoint) -> bool:
        """Change a group's checkpoints before a host starts; returns whether anything changed.

        If the hub was made anew, the old hub's checkpoints are deleted, as an operator must do.
        """
        try:
            ends = await self._ends()
            return await asyncio.to_thread(self._prepare, group, what, ends)
        except (AzureError, OSError) as error:
            LOG.info("checkpoints of %s are left as they are: %s", group, error)
            return False

    def _prepare(self, group: str, what: Checkpoint, ends: Mapping[str, Position]) -> bool:
        changed = False
        for blob in self._list(f"/{group.lower()}/"):
            end = ends.get(blob.name.rpartition("/")[2])
            if what is Checkpoint.DELETED or _is_beyond(blob.metadata, end):
                self._container.delete_blob(blob.name)
                self._seen.pop(blob.name, None)
                changed |= what is Checkpoint.DELETED
            elif wanted := self._wanted(blob.name, what, end):
                self._container.get_blob_client(blob.name).set_blob_metadata(dict(wanted))
                changed = True
        return changed

    def _wanted(self, name: str, what: Checkpoint, end: Position | None) -> Position | None:
        if what is Checkpoint.BACK and self._seen[name]:
            return self._seen[name][0]
        return end if what is Checkpoint.AHEAD else None

    async def _ends(self) -> Mapping[str, Position]:
        listed = await self._services.control_hub("/hubs", method="GET")
        (hub,) = [hub for hub in listed["hubs"] if hub["name"] == HUB]
        return {
            partition["id"]: {
                "offset": partition["last_enqueued_offset"],
                "sequencenumber": str(partition["last_enqueued_sequence_number"]),
            }
            for partition in hub["partitions"]
        }

    def _list(self, group: str) -> Iterable[BlobProperties]:
        try:
            blobs = list(self._container.list_blobs(include=["metadata"]))
        except ResourceNotFoundError:
            return []
        return [blob for blob in blobs if "/checkpoint/" in blob.name and group in blob.name]


def _is_beyond(position: Position, end: Position | None) -> bool:
    return end is None or int(position["offset"]) > int(end["offset"])

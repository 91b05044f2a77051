"""Stores the schedule status of timers in timers/{hostId}/{functionId}/status."""

import logging

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.blob.aio import ContainerClient

from local.host.timer_payload import ScheduleStatus

_LOG = logging.getLogger("Host.Triggers.Timer")


class ScheduleMonitor:
    """Reads and writes schedule status in the hosts' container, which must exist."""

    def __init__(self, container: ContainerClient, *, host_id: str) -> None:
        """Keep the status under this host's id."""
        self._container = container
        self._host_id = host_id

    async def read(self, function_id: str) -> ScheduleStatus | None:
        """Return a timer's status, or None if there is none yet."""
        try:
            download = await self._container.download_blob(self._path(function_id))
            content = await download.readall()
        except ResourceNotFoundError:
            return None
        return ScheduleStatus.from_json(content.decode("utf-8"))

    async def write(self, function_id: str, status: ScheduleStatus) -> None:
        """Write a timer's status; as in the real host, a failure is only logged."""
        try:
            await self._container.upload_blob(
                self._path(function_id), status.to_json().encode(), overwrite=True
            )
        except AzureError as error:
            _LOG.error("Function '%s' failed to update the timer status: %s", function_id, error)

    def _path(self, function_id: str) -> str:
        return f"timers/{self._host_id}/{function_id}/status"

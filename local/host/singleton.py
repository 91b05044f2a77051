"""Singleton listeners: only one of all hosts with the same id holds the lease and works."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError
from azure.storage.blob.aio import BlobLeaseClient, ContainerClient

_LOG = logging.getLogger("Host.Singleton")
# The shortest lease that storage offers: after a kill, the next host waits at most this long.
_LEASE_SECONDS = 15
_RENEWAL_SECONDS = 5
_RETRY_SECONDS = 1


class SingletonLocks:
    """Leases on blobs locks/{hostId}/{name} in the hosts' container, which must exist."""

    def __init__(self, container: ContainerClient, *, host_id: str) -> None:
        """Keep the locks under this host's id."""
        self._container = container
        self._host_id = host_id

    @contextlib.asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[asyncio.Event]:
        """Wait for the lock and hold it; the event is set when the lock is lost."""
        lease = await self._acquire(name)
        lost = asyncio.Event()
        renewal = asyncio.create_task(_renew(lease, name, lost))
        try:
            yield lost
        finally:
            renewal.cancel()
            await asyncio.gather(renewal, return_exceptions=True)
            # If the release fails, the lease expires by itself.
            with contextlib.suppress(AzureError):
                await lease.release()

    async def _acquire(self, name: str) -> BlobLeaseClient:
        blob = self._container.get_blob_client(f"locks/{self._host_id}/{name}")
        with contextlib.suppress(ResourceExistsError, HttpResponseError):
            # A write to a leased blob fails, which also proves that the blob exists.
            await blob.upload_blob(b"", overwrite=False)
        waited = False
        while True:
            try:
                return await blob.acquire_lease(lease_duration=_LEASE_SECONDS)
            except ResourceExistsError:
                if not waited:
                    _LOG.info("Unable to acquire Singleton lock (%s); waiting for it.", name)
                waited = True
            except AzureError as error:
                _LOG.warning("Singleton lock (%s) is out of reach: %s", name, error)
            await asyncio.sleep(_RETRY_SECONDS)


async def _renew(lease: BlobLeaseClient, name: str, lost: asyncio.Event) -> None:
    while True:
        await asyncio.sleep(_RENEWAL_SECONDS)
        try:
            await lease.renew()
        except HttpResponseError as error:
            _LOG.warning("Singleton lock (%s) was lost: %s", name, error.message)
            lost.set()
            return
        except AzureError as error:
            _LOG.warning("Singleton lock (%s) could not be renewed yet: %s", name, error)

"""The blob trigger: a periodic scan for blobs without a receipt."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import timedelta

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobProperties
from azure.storage.blob.aio import ContainerClient

from local.host.blob_path import BlobPath
from local.host.blob_payload import FoundBlob, encode_blob, poison_message, receipt_name
from local.host.definitions import FunctionDefinition
from local.host.executor import Executor, Outcome
from local.host.singleton import SingletonLocks
from local.host.storage import StorageConnection

_LOG = logging.getLogger("Host.Triggers.Blobs")
POISON_QUEUE = "webjobs-blobtrigger-poison"
_TRIES = 5


class BlobListener:
    """Runs one blob function on one blob after another, with up to five tries each."""

    def __init__(
        self,
        function: FunctionDefinition,
        path: BlobPath,
        *,
        storage: StorageConnection,
        receipts: ContainerClient,
        locks: SingletonLocks,
        host_id: str,
        interval: timedelta,
        executor: Executor,
    ) -> None:
        """Make the listener of one function; `storage` holds its blobs and its poison queue."""
        self._function = function
        self._path = path
        self._storage = storage
        self._receipts = receipts
        self._locks = locks
        self._host_id = host_id
        self._interval = interval.total_seconds()
        self._executor = executor
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Run until stopped."""
        async with self._storage.blob_service() as blobs:
            container = blobs.get_container_client(self._path.container)
            while not self._stopping.is_set():
                async with self._locks.hold(f"{self._function.function_id}.Listener") as lost:
                    await self._scan_repeatedly(container, lost)

    async def stop(self) -> None:
        """Start no more runs."""
        self._stopping.set()

    async def _scan_repeatedly(self, container: ContainerClient, lost: asyncio.Event) -> None:
        while not self._stopping.is_set() and not lost.is_set():
            try:
                await self._scan(container, lost)
            except AzureError as error:
                _LOG.warning("The scan of container '%s' failed: %s", self._path.container, error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._interval)

    async def _scan(self, container: ContainerClient, lost: asyncio.Event) -> None:
        async for blob in self._find(container):
            if self._stopping.is_set() or lost.is_set():
                return
            receipt = self._receipts.get_blob_client(
                receipt_name(blob, host_id=self._host_id, function_id=self._function.function_id)
            )
            if await receipt.exists():
                continue
            if await self._process(container, blob):
                with contextlib.suppress(ResourceExistsError):
                    await receipt.upload_blob(b"", overwrite=False)

    async def _find(self, container: ContainerClient) -> AsyncIterator[FoundBlob]:
        try:
            async for properties in container.list_blobs(include=["metadata"]):
                values = self._path.match(properties.name)
                if values is not None:
                    yield _describe(properties, self._path.container, dict(values))
        except ResourceNotFoundError:
            # The container may be created later.
            return

    async def _process(self, container: ContainerClient, blob: FoundBlob) -> bool:
        """Run the function; return whether this version of the blob is done."""
        client = container.get_blob_client(blob.name)
        for _ in range(_TRIES):
            try:
                content = await (await client.download_blob()).readall()
            except ResourceNotFoundError:
                return False
            payload = encode_blob(blob, content, uri=client.url)
            outcome = await self._executor.execute(self._function, payload, stopping=self._stopping)
            if outcome is Outcome.SUCCEEDED:
                return True
            if self._stopping.is_set():
                return False
        await self._poison(blob)
        return True

    async def _poison(self, blob: FoundBlob) -> None:
        _LOG.error(
            "Blob '%s/%s' failed %d times; a message goes to queue '%s'.",
            blob.container,
            blob.name,
            _TRIES,
            POISON_QUEUE,
        )
        async with self._storage.queue_service() as queues:
            queue = queues.get_queue_client(POISON_QUEUE)
            with contextlib.suppress(ResourceExistsError):
                await queue.create_queue()
            await queue.send_message(poison_message(blob, function_id=self._function.function_id))


def _describe(properties: BlobProperties, container: str, values: dict[str, str]) -> FoundBlob:
    return FoundBlob(
        container=container,
        name=properties.name,
        etag=properties.etag,
        blob_type=getattr(properties.blob_type, "value", str(properties.blob_type)),
        length=properties.size,
        content_type=properties.content_settings.content_type,
        created_at=properties.creation_time,
        modified_at=properties.last_modified,
        metadata=properties.metadata or {},
        values=values,
    )

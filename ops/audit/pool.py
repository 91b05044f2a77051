"""Audit batches in processes: each reads the next files while it walks those it has."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context

from ops.audit.batches import BatchAudit
from ops.audit.run import AuditBatches, audit_batch
from shared.lake import Lake
from shared.ledger.batch import CommittedBatch
from shared.service import Service
from shared.settings import Settings

READERS = 4
# What a process holds at a time, and how many chunks wait for it, so that it never waits.
CHUNK_BATCHES, CHUNK_BYTES = 16, 32 * 1024 * 1024
CHUNKS_AHEAD = 3


@contextmanager
def open_pool(settings: Settings, processes: int) -> Iterator[AuditBatches]:
    """Start the processes; they end with the block."""
    pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"))
    try:
        yield lambda batches: _audit_ahead(pool, settings, batches, processes * CHUNKS_AHEAD)
    finally:
        pool.shutdown(cancel_futures=True)


def _audit_ahead(
    pool: ProcessPoolExecutor, settings: Settings, batches: Iterable[CommittedBatch], most: int
) -> Iterator[BatchAudit]:
    ahead: deque[Future[list[BatchAudit]]] = deque()
    for chunk in _chunks(batches):
        ahead.append(pool.submit(_audit_chunk, settings, chunk))
        if len(ahead) >= most:
            yield from ahead.popleft().result()
    while ahead:
        yield from ahead.popleft().result()


def _chunks(batches: Iterable[CommittedBatch]) -> Iterator[Sequence[CommittedBatch]]:
    chunk: list[CommittedBatch] = []
    size = 0
    for batch in batches:
        chunk.append(batch)
        size += sum(file.bytes for file in batch.files)
        if len(chunk) >= CHUNK_BATCHES or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _audit_chunk(settings: Settings, batches: Sequence[CommittedBatch]) -> list[BatchAudit]:
    lake = _lake(settings)
    with ThreadPoolExecutor(READERS) as readers:
        reading = {
            file.path: readers.submit(lake.read, file.path)
            for batch in batches
            for file in batch.files
        }
        return [audit_batch(batch, _taken(reading)) for batch in batches]


def _taken(reading: dict[str, "Future[bytes | None]"]) -> Callable[[str], bytes | None]:
    """Return a file's bytes; a file that two batches claim is given to both."""
    return lambda path: reading[path].result()


@cache
def _lake(settings: Settings) -> Lake:
    """The process's own lake client, whose connections are reused."""
    return Service(settings).lake

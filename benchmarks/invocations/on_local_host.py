"""Calls both functions as the local host's worker does, in this process."""

import asyncio
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial

from benchmarks.invocations.function_app import app
from benchmarks.invocations.handed import PARTITIONS, handed_batches
from benchmarks.invocations.landing_place import PLACE
from benchmarks.measuring import Measured, measure
from local.host.context import RetryContext
from local.host.indexing import LoadedFunction, load_function
from local.host.worker import Invocation, TriggerPayload, Worker

TURNS, AT_ONCE = "one partition after the other", "two partitions at once"


def measure_local_host(batches: int, repetitions: int) -> dict[str, Measured]:
    """Measure both in turns."""
    payloads = handed_batches(batches)
    with _running_worker(thread_count=1) as worker:
        ways: dict[str, Callable[[], object]] = {
            function.indexed.name: partial(_land_all, worker, function.indexed.name, [payloads])
            for function in _functions()
        }
        return measure(ways, repetitions=repetitions)


def measure_partitions(batches: int, repetitions: int) -> dict[str, Measured]:
    """Measure Landfall's function over two partitions in one worker: in turn, and concurrently."""
    first, second = (handed_batches(batches, partition_id) for partition_id in PARTITIONS)
    with _running_worker(thread_count=len(PARTITIONS)) as worker:
        ways: dict[str, Callable[[], object]] = {
            TURNS: partial(_land_all, worker, "ingest", [first + second]),
            AT_ONCE: partial(_land_all, worker, "ingest", [first, second]),
        }
        return measure(ways, repetitions=repetitions)


@contextmanager
def _running_worker(*, thread_count: int) -> Iterator[Worker]:
    worker = Worker(_functions(), thread_count=thread_count)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


# Cached: when asked again, the library takes the same functions for duplicates.
@cache
def _functions() -> list[LoadedFunction]:
    return [load_function(function) for function in app.get_functions()]


def _land_all(worker: Worker, name: str, at_once: Sequence[Sequence[TriggerPayload]]) -> None:
    PLACE.renew()
    asyncio.run(_invoke_all(worker, name, at_once))
    PLACE.require_files(sum(map(len, at_once)))


async def _invoke_all(
    worker: Worker, name: str, at_once: Sequence[Sequence[TriggerPayload]]
) -> None:
    await asyncio.gather(*(_invoke_in_turn(worker, name, each) for each in at_once))


async def _invoke_in_turn(worker: Worker, name: str, payloads: Sequence[TriggerPayload]) -> None:
    for payload in payloads:
        invocation = Invocation(
            function_name=name,
            payload=payload,
            invocation_id=str(uuid.uuid4()),
            retry=RetryContext(max_retry_count=0),
        )
        result = await worker.invoke(invocation)
        if result.error is not None:
            raise RuntimeError(result.trace)

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
from local.host.definitions import FunctionDefinition, define_function
from local.host.indexing import index_function
from local.host.worker import TriggerPayload, Worker

TURNS, AT_ONCE = "one partition after the other", "two partitions at once"


def measure_local_host(batches: int, repetitions: int) -> dict[str, Measured]:
    """Measure both in turns."""
    payloads = handed_batches(batches)
    with _running_worker(thread_count=1) as worker:
        ways: dict[str, Callable[[], object]] = {
            definition.name: partial(_land_all, worker, definition, [payloads])
            for definition in _definitions()
        }
        return measure(ways, repetitions=repetitions)


def measure_partitions(batches: int, repetitions: int) -> dict[str, Measured]:
    """Measure Landfall's function over two partitions in one worker: in turns, and at once."""
    first, second = (handed_batches(batches, partition_id) for partition_id in PARTITIONS)
    ingest = next(each for each in _definitions() if each.name == "ingest")
    with _running_worker(thread_count=len(PARTITIONS)) as worker:
        ways: dict[str, Callable[[], object]] = {
            TURNS: partial(_land_all, worker, ingest, [first + second]),
            AT_ONCE: partial(_land_all, worker, ingest, [first, second]),
        }
        return measure(ways, repetitions=repetitions)


@contextmanager
def _running_worker(*, thread_count: int) -> Iterator[Worker]:
    worker = Worker(thread_count=thread_count)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


# Once, since the library takes its functions for doubled when it is asked for them again.
@cache
def _definitions() -> list[FunctionDefinition]:
    return [
        define_function(index_function(function), default_retry=None)
        for function in app.get_functions()
    ]


def _land_all(
    worker: Worker, definition: FunctionDefinition, at_once: Sequence[Sequence[TriggerPayload]]
) -> None:
    PLACE.renew()
    asyncio.run(_invoke_all(worker, definition, at_once))
    PLACE.require_files(sum(map(len, at_once)))


async def _invoke_all(
    worker: Worker, definition: FunctionDefinition, at_once: Sequence[Sequence[TriggerPayload]]
) -> None:
    await asyncio.gather(*(_invoke_in_turn(worker, definition, each) for each in at_once))


async def _invoke_in_turn(
    worker: Worker, definition: FunctionDefinition, payloads: Sequence[TriggerPayload]
) -> None:
    for payload in payloads:
        result = await worker.invoke(
            definition,
            payload,
            invocation_id=str(uuid.uuid4()),
            retry=RetryContext(max_retry_count=0),
        )
        if result.error is not None:
            raise RuntimeError(result.trace)

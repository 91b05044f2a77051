"""Calls both functions as the local host's worker does, in this process."""

import asyncio
import uuid
from collections.abc import Callable
from functools import partial

from benchmarks.invocations.function_app import app
from benchmarks.invocations.handed import handed_batches
from benchmarks.invocations.landing_place import PLACE
from benchmarks.measuring import Measured, measure
from local.host.context import RetryContext
from local.host.definitions import FunctionDefinition, define_function
from local.host.indexing import index_function
from local.host.worker import TriggerPayload, Worker


def measure_local_host(batches: int, repetitions: int) -> dict[str, Measured]:
    """Measure both in turns."""
    payloads = handed_batches(batches)
    worker = Worker(thread_count=1)
    worker.start()
    definitions = [
        define_function(index_function(function), default_retry=None)
        for function in app.get_functions()
    ]
    ways: dict[str, Callable[[], object]] = {
        definition.name: partial(_land_all, worker, definition, payloads)
        for definition in definitions
    }
    try:
        return measure(ways, repetitions=repetitions)
    finally:
        worker.stop()


def _land_all(
    worker: Worker, definition: FunctionDefinition, payloads: list[TriggerPayload]
) -> None:
    PLACE.renew()
    asyncio.run(_invoke_all(worker, definition, payloads))
    PLACE.require_files(len(payloads))


async def _invoke_all(
    worker: Worker, definition: FunctionDefinition, payloads: list[TriggerPayload]
) -> None:
    for payload in payloads:
        result = await worker.invoke(
            definition,
            payload,
            invocation_id=str(uuid.uuid4()),
            retry=RetryContext(max_retry_count=0),
        )
        if result.error:
            raise result.error

"""Calls both functions through Microsoft's worker library, in a separate Python 3.13.

`python -m benchmarks.invocations.on_worker_library BATCHES REPETITIONS`, in the app's folder,
prints the results as JSON. The protocol's messages are the tests' stand-ins, so the time to unpack
protobuf is not included.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

import azure_functions_runtime as worker
from azure.functions.meta import Datum

from benchmarks.encoders import best_name
from benchmarks.invocations.handed import handed_batches
from benchmarks.invocations.landing_place import PLACE
from benchmarks.measuring import describe_machine, measure
from local.host.worker import TriggerPayload
from tests.integration import worker_library as library


def main(batches: int, repetitions: int) -> None:
    """Measure both in turns."""
    loop = asyncio.new_event_loop()
    functions = loop.run_until_complete(library.index_and_load())
    worker.start_threadpool_executor()
    payloads = handed_batches(batches)
    ways: dict[str, Callable[[], object]] = {
        function.name: partial(_land_all, loop, [_request(function, p) for p in payloads])
        for function in functions
    }
    measured = measure(ways, repetitions=repetitions)
    worker.stop_threadpool_executor()
    told = {
        "core": best_name(),
        "measured": {name: asdict(way) for name, way in measured.items()},
        "machine": asdict(describe_machine(("azure-functions", "azure-functions-runtime"))),
    }
    print(json.dumps(told))


def _land_all(loop: asyncio.AbstractEventLoop, requests: list[Any]) -> None:
    PLACE.renew()
    for request in requests:
        library.require_success(loop.run_until_complete(worker.invocation_request(request)))
    PLACE.require_files(len(requests))


def _request(function: Any, payload: TriggerPayload) -> Any:
    (parameter,) = function.bindings
    data = _message(payload.data)
    metadata = {name: _message(datum) for name, datum in payload.metadata.items()}
    invocation = library.Message(
        invocation_id="invocation",
        function_id=function.function_id,
        input_data=[library.ParameterBinding(name=parameter, data=data)],
        trigger_metadata=metadata,
        trace_context=library.Message(trace_parent="", trace_state="", attributes={}),
        retry_context=library.Message(retry_count=0, max_retry_count=-1, exception=None),
    )
    return library.request(invocation_request=invocation)


def _message(datum: Datum) -> Any:
    return library.Message(**{str(datum.type): datum.value})


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

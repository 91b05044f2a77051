"""Drives Microsoft's worker library as the Functions host does; run by a Python 3.13 of its own.

    python worker_library.py FIRST ENQUEUED_AT

indexes and loads the app of the working directory, invokes each function once, and prints what the
worker answered as JSON. The host's messages are stand-ins: attribute bags with protobuf's `oneof`.
"""

import asyncio
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import azure_functions_runtime as worker

from local.host.event_payload import PartitionSource, ReceivedEvent, encode_batch


class Message(SimpleNamespace):
    """A message of the host's protocol: what it was made with."""

    def WhichOneof(self, _: str) -> str | None:  # noqa: N802 - protobuf's name
        return next(iter(vars(self)), None)


class ParameterBinding(Message):
    def WhichOneof(self, _: str) -> str:  # noqa: N802 - protobuf's name
        return "data"


class StatusResult(Message):
    Failure, Success = 0, 1


class BindingInfo(Message):
    inout, out, undefined = 2, 1, 0


class Protos:
    """The module of messages that the worker is handed."""

    StatusResult = StatusResult
    BindingInfo = BindingInfo
    ParameterBinding = ParameterBinding

    def __getattr__(self, name: str) -> type[Message]:
        return Message


def request(**parts: Any) -> Message:
    return Message(request=Message(**parts), properties={"host": "127.0.0.1", "protos": Protos()})


def require_success(response: Message) -> Message:
    if response.result.status != StatusResult.Success:
        raise SystemExit(response.result.exception.message + response.result.exception.stack_trace)
    return response


async def index_and_load() -> list[Message]:
    init = Message(capabilities={}, function_app_directory=str(Path.cwd()))
    require_success(await worker.worker_init_request(request(worker_init_request=init)))
    answer = require_success(await worker.functions_metadata_request(request()))
    functions: list[Message] = answer.function_metadata_results
    for function in functions:
        load = Message(function_id=function.function_id, metadata=function)
        require_success(await worker.function_load_request(request(function_load_request=load)))
    return functions


async def invoke(
    function: Message, name: str, data: Message, metadata: dict[str, Message] | None = None
) -> Any:
    trace = Message(trace_parent="", trace_state="", attributes={})
    invocation = Message(
        invocation_id="worker-library",
        function_id=function.function_id,
        input_data=[ParameterBinding(name=name, data=data)],
        trigger_metadata=metadata or {},
        trace_context=trace,
        retry_context=Message(retry_count=0, max_retry_count=-1, exception=None),
    )
    return require_success(await worker.invocation_request(request(invocation_request=invocation)))


def http(route: str) -> Message:
    url = f"http://127.0.0.1/api/{route}"
    body = Message(bytes=b"")
    return Message(http=Message(method="GET", url=url, headers={}, body=body, params={}, query={}))


def batch(first: int, enqueued_at: datetime) -> tuple[Message, dict[str, Message]]:
    bodies = [b'{"id": 1}', b"\xff\x00 not JSON", b""]
    received = [
        ReceivedEvent(
            body=body,
            sequence_number=first + index,
            offset=str(first + index),
            enqueued_at=enqueued_at + timedelta(milliseconds=index),
            partition_key=None,
            properties={"contract": "sample"},
            system_properties={},
        )
        for index, body in enumerate(bodies)
    ]
    source = PartitionSource(
        fully_qualified_namespace="127.0.0.1",
        event_hub_name="events",
        consumer_group="$Default",
        partition_id="0",
    )
    payload = encode_batch(received, source, data_type="BINARY", is_checkpointing=True)
    metadata = {
        name: Message(**{datum.type: datum.value}) for name, datum in payload.metadata.items()
    }
    return Message(**{payload.data.type: payload.data.value}), metadata


async def main(first: int, enqueued_at: datetime) -> None:
    functions = {function.name: function for function in await index_and_load()}
    worker.start_threadpool_executor()
    timer = Message(json=json.dumps({"IsPastDue": False, "Schedule": {}, "ScheduleStatus": {}}))
    await invoke(functions["reconcile"], "timer", timer)
    data, metadata = batch(first, enqueued_at)
    await invoke(functions["ingest"], "events", data, metadata)
    answers = {}
    for route in ("health", "status"):
        answer = await invoke(functions[route], "req", http(route))
        answers[route] = json.loads(answer.return_value.http.body.bytes)
    worker.stop_threadpool_executor()
    retry = functions["ingest"].retry_options
    print(  # noqa: T201 - its answer
        json.dumps(
            {
                "functions": sorted(functions),
                "retry": [retry.retry_strategy, retry.max_retry_count],
                "answers": answers,
                "contracts": answers["status"]["contracts"],
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), datetime.fromisoformat(sys.argv[2])))

"""Drives Microsoft's worker library as the Functions host does; run by a Python 3.13 of its own.

Indexes and loads the app of the working directory, invokes the functions that standard input names
with the payloads it gives, in that order, and prints as JSON what the worker told the host. The
messages of the host's protocol are stand-ins: what they were made with, and protobuf's `oneof`.
"""

import asyncio
import base64
import json
import logging
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import azure_functions_runtime as worker


class Message(SimpleNamespace):
    """A message of the host's protocol; its first field is the one of a `oneof` that is set."""

    def WhichOneof(self, _: str) -> str | None:  # noqa: N802 - protobuf's name
        return next(iter(vars(self)), None)


class ParameterBinding(Message):
    def WhichOneof(self, _: str) -> str:  # noqa: N802 - protobuf's name
        return "data"


class StatusResult(Message):
    Failure, Success = 0, 1


class BindingInfo(Message):
    # Directions and data types, as the protocol numbers them.
    out, inout, undefined = 1, 2, 0


class Protos:
    """The module of messages that the worker is handed."""

    StatusResult = StatusResult
    BindingInfo = BindingInfo
    ParameterBinding = ParameterBinding

    def __getattr__(self, name: str) -> type[Message]:
        return Message


class Lines(logging.Handler):
    """Keeps the messages that are logged: with level and category, all that leaves a worker."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


async def main() -> None:
    lines = Lines()
    logging.basicConfig(level=logging.INFO, handlers=[lines])
    functions = await index_and_load()
    worker.start_threadpool_executor()
    answers = [await invoke(functions, **call) for call in json.load(sys.stdin)]
    worker.stop_threadpool_executor()
    told = {
        "functions": [describe(function) for function in functions],
        "answers": answers,
        "app": sys.modules["function_app"].__file__,
        "logs": [json.loads(line) for line in lines.texts if line.startswith('{"event"')],
    }
    sys.stdout.write(json.dumps(told))


async def index_and_load() -> list[Message]:
    init = Message(capabilities={}, function_app_directory=str(Path.cwd()))
    require_success(await worker.worker_init_request(request(worker_init_request=init)))
    answer = require_success(await worker.functions_metadata_request(request()))
    functions: list[Message] = answer.function_metadata_results
    for function in functions:
        load = Message(function_id=function.function_id, metadata=function)
        require_success(await worker.function_load_request(request(function_load_request=load)))
    return functions


def require_success(response: Message) -> Message:
    if response.result.status != StatusResult.Success:
        raise SystemExit(response.result.exception.message + response.result.exception.stack_trace)
    return response


def request(**parts: Any) -> Message:
    return Message(request=Message(**parts), properties={"host": "127.0.0.1", "protos": Protos()})


def describe(function: Message) -> dict[str, Any]:
    """The function's metadata, as the host gets it: names, bindings and retry options."""
    retry = function.retry_options
    return {
        "name": function.name,
        "entry_point": function.entry_point,
        "script_file": function.script_file,
        "language": function.language,
        "bindings": {name: vars(binding) for name, binding in function.bindings.items()},
        "raw_bindings": [json.loads(binding) for binding in function.raw_bindings],
        "retry": retry and {name: as_number(value) for name, value in vars(retry).items()},
    }


def as_number(value: Any) -> Any:
    return value.total_seconds() if hasattr(value, "total_seconds") else value


async def invoke(
    functions: list[Message], name: str, data: list[Any], metadata: dict[str, list[Any]]
) -> dict[str, Any]:
    """Invoke a function with its trigger's datum; each datum is its type and its value."""
    function = next(function for function in functions if function.name == name)
    (parameter,) = (key for key, binding in function.bindings.items() if binding.direction == 0)
    invocation = Message(
        invocation_id=f"invocation of {name}",
        function_id=function.function_id,
        input_data=[ParameterBinding(name=parameter, data=typed_data(*data))],
        trigger_metadata={key: typed_data(*datum) for key, datum in metadata.items()},
        trace_context=Message(trace_parent="", trace_state="", attributes={}),
        retry_context=Message(retry_count=0, max_retry_count=-1, exception=None),
    )
    response = await worker.invocation_request(request(invocation_request=invocation))
    if response.result.status != StatusResult.Success:
        return {"failure": response.result.exception.message}
    if response.return_value is None:
        return {}
    http = response.return_value.http
    return {"status": http.status_code, "body": json.loads(http.body.bytes)}


def typed_data(kind: str, value: Any) -> Message:
    """Make a datum: a collection holds its items under its own name, bytes come as Base64."""
    if kind == "collection_bytes":
        value = Message(bytes=[base64.b64decode(item) for item in value])
    if kind == "bytes":
        value = base64.b64decode(value)
    if kind == "collection_string":
        value = Message(string=value)
    if kind == "collection_sint64":
        value = Message(sint64=value)
    if kind == "http":
        value = Message(**value, body=Message(bytes=b""))
    return Message(**{kind: value})


if __name__ == "__main__":
    asyncio.run(main())

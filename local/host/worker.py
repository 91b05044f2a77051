"""The worker: runs functions on its own event loop and threads."""

import asyncio
import contextvars
import threading
import time
import traceback
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from azure.functions.meta import Datum

from local.host.context import Context, RetryContext
from local.host.indexing import IndexedFunction, LoadedFunction, find_converter
from local.host.logs import CURRENT, THREAD_LOCAL, CurrentInvocation

# How long an async function may take to end after it is canceled.
GRACE_SECONDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerPayload:
    """The host's message to the worker: the trigger's datum and its metadata."""

    data: Datum
    metadata: Mapping[str, Datum] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """The host's request to the worker to run a function once."""

    function_name: str
    payload: TriggerPayload
    invocation_id: str
    retry: RetryContext


@dataclass(frozen=True, slots=True, kw_only=True)
class InvocationResult:
    """How one invocation ended; `trace` is the failure with its traceback, for the host's log."""

    invocation_id: str
    duration_seconds: float
    error: str | None = None
    trace: str = ""
    value: Datum | None = None


class Worker:
    """Runs functions; call `start` before the first invocation."""

    def __init__(self, functions: Iterable[LoadedFunction], *, thread_count: int | None) -> None:
        """Make a worker; `thread_count` is how many sync functions may run at once."""
        self._functions = {function.indexed.name: function for function in functions}
        self._threads = ThreadPoolExecutor(max_workers=thread_count, thread_name_prefix="function")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="worker", daemon=True)

    def start(self) -> None:
        """Start the worker's thread; it is a daemon, so a stuck function cannot block our exit."""
        self._thread.start()

    def stop(self) -> None:
        """End the worker's loop and its waiting tasks; a function in a thread ends by itself."""
        asyncio.run_coroutine_threadsafe(self._give_up(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._threads.shutdown(wait=False)
        self._loop.close()

    async def invoke(self, invocation: Invocation) -> InvocationResult:
        """Run a function once, to its end even if the caller is canceled. Never raises."""
        future = asyncio.run_coroutine_threadsafe(self._run(invocation), self._loop)
        return await asyncio.shield(asyncio.wrap_future(future))

    async def _give_up(self) -> None:
        waiting = asyncio.all_tasks() - {asyncio.current_task()}
        for task in waiting:
            task.cancel()
        if waiting:
            await asyncio.wait(waiting, timeout=GRACE_SECONDS)

    async def _run(self, invocation: Invocation) -> InvocationResult:
        started = time.monotonic()
        invocation_id, name = invocation.invocation_id, invocation.function_name
        CURRENT.set(CurrentInvocation(invocation_id=invocation_id, function_name=name))
        value: Datum | None = None
        error, trace = None, ""
        try:
            function = self._functions[name]
            arguments = _decode_arguments(function.indexed, invocation)
            value = _encode_result(function.indexed, await self._call(function, arguments))
        except BaseException as caught:
            error, trace = str(caught), "".join(traceback.format_exception(caught))
        return InvocationResult(
            invocation_id=invocation_id,
            duration_seconds=time.monotonic() - started,
            error=error,
            trace=trace,
            value=value,
        )

    async def _call(self, function: LoadedFunction, arguments: dict[str, Any]) -> object:
        call = partial(function.call, **arguments)
        if function.indexed.is_async:
            return await call()
        context = contextvars.copy_context()
        return await self._loop.run_in_executor(self._threads, context.run, _call_in_thread, call)


def _call_in_thread(call: "partial[object]") -> object:
    current = CURRENT.get()
    THREAD_LOCAL.invocation_id = current.invocation_id if current else None
    try:
        return call()
    finally:
        THREAD_LOCAL.invocation_id = None


def _decode_arguments(function: IndexedFunction, invocation: Invocation) -> dict[str, Any]:
    payload = invocation.payload
    # The host accepts only the trigger's parameter.
    ((parameter, binding_type),) = function.binding_types.items()
    arguments: dict[str, Any] = {}
    if parameter in function.generic_parameters:
        arguments[parameter] = payload.data.value
    else:
        converter = find_converter(binding_type)
        arguments[parameter] = converter.decode(payload.data, trigger_metadata=payload.metadata)
    if function.requires_context:
        arguments["context"] = Context(
            invocation_id=invocation.invocation_id,
            function_name=function.name,
            function_directory=function.directory,
            retry_context=invocation.retry,
        )
    return arguments


def _encode_result(function: IndexedFunction, result: object) -> Datum | None:
    if not function.returns_http:
        if result is not None:
            msg = f"function {function.name!r} without a $return binding returned a non-None value"
            raise RuntimeError(msg)
        return None
    converter = find_converter("http")
    try:
        datum: Datum = converter.encode(result, expected_type=None)
    except NotImplementedError:
        msg = f'unable to encode outgoing TypedData: unsupported type "http" for {type(result)}'
        raise TypeError(msg) from None
    return datum

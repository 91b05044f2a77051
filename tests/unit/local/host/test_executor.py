"""Executions: retries, what ends them, and what a function is told of them."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from typing import Any

import azure.functions as func
import pytest

from local.host.definitions import FunctionDefinition, define_function
from local.host.errors import FunctionTimeoutError
from local.host.executor import Executor, Outcome
from local.host.indexing import LoadedFunction, load_function
from local.host.schedule import parse_schedule
from local.host.timer_payload import encode_timer
from local.host.worker import Worker

PAYLOAD = encode_timer(parse_schedule("0 0 * * * *"), None, is_past_due=False)


@contextmanager
def running(function: LoadedFunction, *, timeout: timedelta | None = None) -> Iterator[Executor]:
    worker = Worker([function], thread_count=1)
    worker.start()
    yield Executor(worker, timeout=timeout, on_timeout=lambda _: None)
    worker.stop()


def load(call: Callable[..., Any], *, max_retries: str = "", delay: str = "") -> LoadedFunction:
    app = func.FunctionApp()
    decorated = app.timer_trigger(arg_name="timer", schedule="0 0 * * * *")(call)
    if max_retries:
        app.retry(strategy="fixed_delay", max_retry_count=max_retries, delay_interval=delay)(
            decorated
        )
    (function,) = app.get_functions()
    return load_function(function)


def define(function: LoadedFunction) -> FunctionDefinition:
    return define_function(function.indexed, default_retry=None)


async def test_a_function_that_succeeds_runs_once() -> None:
    seen: list[bool] = []

    def tick(timer: func.TimerRequest) -> None:
        seen.append(timer.past_due)

    function = load(tick)
    with running(function) as executor:
        outcome = await executor.execute(define(function), PAYLOAD, stopping=asyncio.Event())

    assert outcome is Outcome.SUCCEEDED
    assert seen == [False]


async def test_a_function_that_fails_is_run_once_more_than_its_retries() -> None:
    counts: list[tuple[int, int, str]] = []

    async def tick(timer: func.TimerRequest, context: func.Context) -> None:
        retry: Any = context.retry_context
        counts.append((retry.retry_count, retry.max_retry_count, retry.rpc_exception.message))
        msg = f"attempt {len(counts)} of {context.function_name}, {timer.past_due}"
        raise ValueError(msg)

    function = load(tick, max_retries="2", delay="00:00:00")
    with running(function) as executor:
        outcome = await executor.execute(define(function), PAYLOAD, stopping=asyncio.Event())

    assert outcome is Outcome.FAILED
    assert counts == [
        (0, 2, ""),
        (1, 2, "attempt 1 of tick, False"),
        (2, 2, "attempt 2 of tick, False"),
    ]


async def test_a_stop_ends_the_wait_for_a_retry() -> None:
    stopping = asyncio.Event()

    def tick(timer: func.TimerRequest) -> None:
        raise ValueError(timer)

    function = load(tick, max_retries="-1", delay="01:00:00")
    with running(function) as executor:
        execution = asyncio.create_task(
            executor.execute(define(function), PAYLOAD, stopping=stopping)
        )
        stopping.set()

        assert await execution is Outcome.ABANDONED


async def test_a_function_without_a_return_binding_must_return_nothing() -> None:
    def tick(timer: func.TimerRequest) -> object:
        return timer

    function = load(tick)
    with running(function) as executor:
        result = await executor.invoke(define(function), PAYLOAD)

    assert result.error is not None
    assert "without a $return binding returned a non-None value" in result.trace


async def test_an_invocation_that_exceeds_the_timeout_is_an_error_of_the_host() -> None:
    async def tick(timer: func.TimerRequest) -> None:
        await asyncio.Event().wait()
        assert timer

    function = load(tick)
    with (
        running(function, timeout=timedelta(milliseconds=1)) as executor,
        pytest.raises(FunctionTimeoutError, match="exceeded by function"),
    ):
        await executor.invoke(define(function), PAYLOAD)


async def test_a_worker_that_stops_leaves_nothing_waiting_for_a_stuck_function() -> None:
    is_called, may_end = Event(), Event()

    def tick(timer: func.TimerRequest) -> None:
        is_called.set()
        may_end.wait()
        assert timer

    function = load(tick)
    with running(function) as executor:
        invocation = asyncio.create_task(executor.invoke(define(function), PAYLOAD))
        await asyncio.to_thread(is_called.wait)

    result = await invocation
    may_end.set()
    assert "CancelledError" in result.trace

"""Executions: retries, what ends them, and what a function is told of them."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event
from typing import Any

import azure.functions as func
import pytest

from local.host.definitions import FunctionDefinition, define_function
from local.host.errors import FunctionTimeoutError
from local.host.executor import Executor, Outcome
from local.host.indexing import index_function
from local.host.schedule import parse_schedule
from local.host.timer_payload import encode_timer
from local.host.worker import Worker

PAYLOAD = encode_timer(parse_schedule("0 0 * * * *"), None, is_past_due=False)


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker(thread_count=1)
    worker.start()
    yield worker
    worker.stop()


def executor(worker: Worker, *, timeout: timedelta | None = None) -> Executor:
    return Executor(worker, timeout=timeout, on_timeout=lambda _: None)


def define(
    call: Callable[..., Any], *, max_retries: str = "", delay: str = ""
) -> FunctionDefinition:
    app = func.FunctionApp()
    decorated = app.timer_trigger(arg_name="timer", schedule="0 0 * * * *")(call)
    if max_retries:
        app.retry(strategy="fixed_delay", max_retry_count=max_retries, delay_interval=delay)(
            decorated
        )
    (function,) = app.get_functions()
    return define_function(index_function(function), default_retry=None)


async def test_a_function_that_succeeds_runs_once(worker: Worker) -> None:
    seen: list[bool] = []

    def tick(timer: func.TimerRequest) -> None:
        seen.append(timer.past_due)

    outcome = await executor(worker).execute(define(tick), PAYLOAD, stopping=asyncio.Event())

    assert outcome is Outcome.SUCCEEDED
    assert seen == [False]


async def test_a_function_that_fails_is_run_once_more_than_its_retries(worker: Worker) -> None:
    counts: list[tuple[int, int, str]] = []

    async def tick(timer: func.TimerRequest, context: func.Context) -> None:
        retry: Any = context.retry_context
        counts.append((retry.retry_count, retry.max_retry_count, retry.rpc_exception.message))
        msg = f"attempt {len(counts)} of {context.function_name}, {timer.past_due}"
        raise ValueError(msg)

    function = define(tick, max_retries="2", delay="00:00:00")
    outcome = await executor(worker).execute(function, PAYLOAD, stopping=asyncio.Event())

    assert outcome is Outcome.FAILED
    assert counts == [
        (0, 2, ""),
        (1, 2, "attempt 1 of tick, False"),
        (2, 2, "attempt 2 of tick, False"),
    ]


async def test_a_stop_ends_the_wait_for_a_retry(worker: Worker) -> None:
    stopping = asyncio.Event()

    def tick(timer: func.TimerRequest) -> None:
        raise ValueError(timer)

    function = define(tick, max_retries="-1", delay="01:00:00")
    execution = asyncio.create_task(executor(worker).execute(function, PAYLOAD, stopping=stopping))
    stopping.set()

    assert await execution is Outcome.ABANDONED


async def test_a_function_without_a_return_binding_must_return_nothing(worker: Worker) -> None:
    def tick(timer: func.TimerRequest) -> object:
        return timer

    result = await executor(worker).invoke(define(tick), PAYLOAD)

    assert result.error is not None
    assert "without a $return binding returned a non-None value" in result.trace


async def test_an_invocation_that_exceeds_the_timeout_is_an_error_of_the_host(
    worker: Worker,
) -> None:
    async def tick(timer: func.TimerRequest) -> None:
        await asyncio.Event().wait()
        assert timer

    with pytest.raises(FunctionTimeoutError, match="exceeded by function"):
        await executor(worker, timeout=timedelta(milliseconds=1)).invoke(define(tick), PAYLOAD)


async def test_a_worker_that_stops_leaves_nothing_waiting_for_a_stuck_function() -> None:
    worker, is_called, may_end = Worker(thread_count=1), Event(), Event()
    worker.start()

    def tick(timer: func.TimerRequest) -> None:
        is_called.set()
        may_end.wait()
        assert timer

    invocation = asyncio.create_task(executor(worker).invoke(define(tick), PAYLOAD))
    await asyncio.to_thread(is_called.wait)
    worker.stop()

    result = await invocation
    may_end.set()
    assert "CancelledError" in result.trace

"""Executions: invoke a function with one payload until it succeeds or its retries are spent."""

import asyncio
import logging
import random
import uuid
from collections.abc import Callable
from datetime import timedelta
from enum import Enum
from typing import Protocol

from local.host.context import RetryContext, RpcException
from local.host.definitions import FunctionDefinition
from local.host.errors import FunctionTimeoutError
from local.host.logs import CURRENT, CurrentInvocation
from local.host.retry import RetryPolicy
from local.host.worker import Invocation, InvocationResult, TriggerPayload

_NO_POLICY = RetryPolicy(max_retry_count=0, minimum=timedelta(0), maximum=timedelta(0))


class Outcome(Enum):
    """How an execution ended; ABANDONED means that its listener stopped while a retry was due."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABANDONED = "abandoned"


class Invoker(Protocol):
    """Runs functions: the worker, in its own process or in this one."""

    async def invoke(self, invocation: Invocation) -> InvocationResult:
        """Run a function once, to its end even if the caller is canceled. Never raises."""


class Executor:
    """Invokes functions and logs each invocation as the real host does."""

    def __init__(
        self, worker: Invoker, *, timeout: timedelta | None, on_timeout: Callable[[str], None]
    ) -> None:
        """Use a worker; call `on_timeout` when an invocation exceeds the timeout."""
        self._worker = worker
        self._timeout = timeout.total_seconds() if timeout else None
        self._on_timeout = on_timeout

    async def execute(
        self, function: FunctionDefinition, payload: TriggerPayload, *, stopping: asyncio.Event
    ) -> Outcome:
        """Invoke under the function's retry policy, with the same payload every time."""
        policy = function.retry or _NO_POLICY
        log = logging.getLogger(f"Function.{function.name}")
        retry = RetryContext(max_retry_count=policy.max_retry_count)
        while True:
            result = await self.invoke(function, payload, retry=retry)
            if result.error is None:
                return Outcome.SUCCEEDED
            count = retry.retry_count + 1
            if not policy.allows(count):
                if function.retry:
                    log.error("Function code failed after %d retries.", retry.retry_count)
                return Outcome.FAILED
            delay = policy.delay(count, factor=random.uniform(0.8, 1.2))
            log.warning(
                "Waiting for `%s` before retrying function execution. Next attempt: '%d'. "
                "Max retry count: '%d'",
                delay,
                count,
                policy.max_retry_count,
            )
            if await _is_set_within(stopping, delay):
                log.info("Invocation cancelled - exiting retry loop.")
                return Outcome.ABANDONED
            retry = RetryContext(
                retry_count=count,
                max_retry_count=policy.max_retry_count,
                rpc_exception=RpcException(message=result.error, stack_trace=result.trace),
            )

    async def invoke(
        self,
        function: FunctionDefinition,
        payload: TriggerPayload,
        *,
        retry: RetryContext | None = None,
    ) -> InvocationResult:
        """Invoke a function once."""
        invocation_id = str(uuid.uuid4())
        log = logging.getLogger(f"Function.{function.name}")
        token = CURRENT.set(
            CurrentInvocation(invocation_id=invocation_id, function_name=function.name)
        )
        try:
            log.info("Executing 'Functions.%s' (Id=%s)", function.name, invocation_id)
            result = await self._invoke_in_time(function, payload, invocation_id, retry)
            self._log_end(log, function, result)
            return result
        finally:
            CURRENT.reset(token)

    async def _invoke_in_time(
        self,
        function: FunctionDefinition,
        payload: TriggerPayload,
        invocation_id: str,
        retry: RetryContext | None,
    ) -> InvocationResult:
        invocation = Invocation(
            function_name=function.name,
            payload=payload,
            invocation_id=invocation_id,
            retry=retry or RetryContext(),
        )
        try:
            return await asyncio.wait_for(self._worker.invoke(invocation), self._timeout)
        except TimeoutError:
            msg = (
                f"Timeout value of {timedelta(seconds=self._timeout or 0)} exceeded by function "
                f"'Functions.{function.name}' (Id: '{invocation_id}')."
            )
            self._on_timeout(msg)
            raise FunctionTimeoutError(msg) from None

    @staticmethod
    def _log_end(
        log: logging.Logger, function: FunctionDefinition, result: InvocationResult
    ) -> None:
        milliseconds = round(result.duration_seconds * 1000)
        if result.error is None:
            log.info(
                "Executed 'Functions.%s' (Succeeded, Id=%s, Duration=%dms)",
                function.name,
                result.invocation_id,
                milliseconds,
            )
            return
        log.error(
            "Executed 'Functions.%s' (Failed, Id=%s, Duration=%dms) %s",
            function.name,
            result.invocation_id,
            milliseconds,
            result.trace,
        )


async def _is_set_within(event: asyncio.Event, delay: timedelta) -> bool:
    try:
        await asyncio.wait_for(event.wait(), max(delay.total_seconds(), 0.001))
    except TimeoutError:
        return False
    return True

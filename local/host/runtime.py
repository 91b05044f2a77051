"""The running host: its parts, start and stop."""

import asyncio
import contextlib
import gc
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from local.host.definitions import FunctionDefinition
from local.host.errors import HostError
from local.host.http_server import HttpServer
from local.host.worker_client import WorkerClient
from local.kit.serving import set_on_signal

_LOG = logging.getLogger("Host.General")
_GRACE = timedelta(seconds=10)
_RESTART_SECONDS = 5


def collect_seldom() -> None:
    """Make the garbage collector run rarely.

    Waiting events are hundreds of thousands of objects, and reference counting alone frees them.
    With Python's defaults, scanning them took a sixth of the time of a host with a backlog.
    """
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


class Listener(Protocol):
    """A trigger's listener; `run` returns after `stop`, or raises if it cannot continue.

    After `stop` it starts no invocation and no retry; a running invocation continues to its end.
    """

    async def run(self) -> None:
        """Listen until stopped."""

    async def stop(self) -> None:
        """Ask the listener to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostParts:
    """The parts of a host."""

    worker: WorkerClient
    http: HttpServer
    listeners: Mapping[str, Listener]
    functions: Mapping[str, FunctionDefinition]
    function_timeout: timedelta | None


class FunctionHost:
    """Runs until a signal, or until an invocation exceeds the function timeout."""

    def __init__(self) -> None:
        """Make a host that is not running yet."""
        self._stopping = asyncio.Event()
        self._failure: str | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def fail(self, problem: str) -> None:
        """Stop with an error, because the worker is no longer reliable."""
        self._failure = problem
        self._stopping.set()

    def end_like(self, exit_code: int) -> None:
        """Stop the host and end as the worker ended: by the same signal, or with an error."""
        _LOG.error("The worker's process ended with %d.", exit_code)
        if exit_code < 0:
            os.kill(os.getpid(), -exit_code)
        self.fail("The worker ended by itself.")

    async def run(self, parts: HostParts, *, port: int) -> int:
        """Start the host, wait for its end, stop it, and return the process's exit code."""
        set_on_signal(self._stopping)
        await self._start(parts, port)
        await self._stopping.wait()
        _LOG.info("Application is shutting down...")
        await self._stop(parts)
        if self._failure:
            _LOG.error("%s", self._failure)
            return 1
        return 0

    async def _start(self, parts: HostParts, port: int) -> None:
        try:
            await parts.http.start(port)
        except OSError as error:
            msg = f"cannot listen on 127.0.0.1:{port}: {error}"
            raise HostError(msg) from error
        for name, listener in parts.listeners.items():
            self._tasks[name] = asyncio.create_task(self._supervise(name, listener))
        parts.http.is_running = True
        names = ", ".join(parts.functions) or "none"
        _LOG.info("Host started on http://127.0.0.1:%d; functions: %s", port, names)

    async def _supervise(self, name: str, listener: Listener) -> None:
        while not self._stopping.is_set():
            try:
                await listener.run()
            except Exception:
                _LOG.exception("The listener for function '%s' failed.", name)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _RESTART_SECONDS)

    async def _stop(self, parts: HostParts) -> None:
        grace = min(parts.function_timeout or _GRACE, _GRACE).total_seconds()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await parts.http.close_door()
                stops = [listener.stop() for listener in parts.listeners.values()]
                for result in await asyncio.gather(*stops, return_exceptions=True):
                    if isinstance(result, Exception):
                        _LOG.warning("A listener did not stop well: %s", result)
                while parts.worker.running and not self._failure:
                    await asyncio.sleep(0.02)
        if parts.worker.running:
            _LOG.warning("%d invocation(s) were still running at the end.", parts.worker.running)
        await self._end_listeners()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                await parts.http.stop()

    async def _end_listeners(self) -> None:
        """Let the listeners release their leases; cancel those that take too long."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks.values(), timeout=2)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=2)

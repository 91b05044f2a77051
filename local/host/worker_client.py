"""The host's side of the worker: starts its process and asks it to run functions."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local.host.errors import AppLoadError
from local.host.indexing import IndexedFunction
from local.host.worker import Invocation, InvocationResult
from local.host.worker_messages import AppLoaded, AppNotLoaded, frame, open_streams, receive


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerProcess:
    """The worker's process: our end of its socket, and a way to wait for its exit code."""

    connection: socket.socket
    wait: Callable[[], int]


def start_process(app_directory: Path) -> WorkerProcess:
    """Start a worker that loads the app."""
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-m", "local.host.worker_process", str(app_directory)]
        descriptor = theirs.fileno()
        process = subprocess.Popen([*command, str(descriptor)], pass_fds=(descriptor,))
    return WorkerProcess(connection=ours, wait=process.wait)


class WorkerClient:
    """The worker as the host sees it; `running` counts the unfinished invocations."""

    def __init__(self, process: WorkerProcess, on_end: Callable[[int], None]) -> None:
        """Talk to a process; if it ends by itself, call `on_end` with its exit code."""
        self._process = process
        self._on_end = on_end
        self._is_stopping = False
        self._waiting: dict[str, asyncio.Future[InvocationResult]] = {}

    @property
    def running(self) -> int:
        """How many invocations have not ended."""
        return len(self._waiting)

    async def start(self) -> tuple[IndexedFunction, ...]:
        """Wait until the app is loaded and return its functions, or raise AppLoadError."""
        self._reader, self._writer = await open_streams(self._process.connection)
        first = await receive(self._reader)
        if isinstance(first, AppLoaded):
            self._listening = asyncio.create_task(self._listen())
            return first.functions
        if isinstance(first, AppNotLoaded):
            raise AppLoadError(first.problem)
        code = await asyncio.to_thread(self._process.wait)
        msg = f"the worker ended with {code} before it had loaded the app"
        raise AppLoadError(msg)

    async def stop(self) -> None:
        """End the process and abandon the functions that still run in it."""
        self._is_stopping = True
        self._writer.transport.abort()
        await self._listening

    async def invoke(self, invocation: Invocation) -> InvocationResult:
        """Run a function once, to its end even if the caller is canceled. Never raises."""
        ended: asyncio.Future[InvocationResult] = asyncio.get_running_loop().create_future()
        self._waiting[invocation.invocation_id] = ended
        self._writer.write(frame(invocation))
        return await asyncio.shield(ended)

    async def _listen(self) -> None:
        while isinstance(result := await receive(self._reader), InvocationResult):
            self._waiting.pop(result.invocation_id).set_result(result)
        code = await asyncio.to_thread(self._process.wait)
        if not self._is_stopping:
            self._on_end(code)

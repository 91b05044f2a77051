"""Serving on the loopback until a signal: one process per data folder, one listener per port."""

import asyncio
import fcntl
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from aiohttp import web

HOST = "127.0.0.1"
_SHUTDOWN_SECONDS = 1.0


class DataInUseError(Exception):
    """Another process serves the same data folder."""


def set_on_signal(told: asyncio.Event) -> None:
    """Set the event on SIGTERM and SIGINT."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)


@contextmanager
def owning(data: Path, *, lock: str = "lock") -> Iterator[None]:
    """Lock a data folder against other processes; create it if it is missing.

    The system releases the lock when the process ends, even after a crash.
    """
    file = data / lock
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        message = f"{data} is in use by another process: stop it, or choose another --data"
        raise DataInUseError(message) from error
    else:
        yield
    finally:
        os.close(descriptor)


async def listen(app: web.Application, port: int) -> web.AppRunner:
    """Start serving an application; the returned runner stops it."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
    except OSError:
        await runner.cleanup()
        raise
    return runner


@asynccontextmanager
async def listening(app: web.Application, port: int) -> AsyncIterator[None]:
    """Serve an application until the block ends."""
    runner = await listen(app, port)
    try:
        yield
    finally:
        await runner.cleanup()


def hang_up(request: web.BaseRequest) -> web.StreamResponse:
    """Cut the connection; nobody receives the returned response."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)

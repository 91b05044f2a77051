"""Starts the runner and its control endpoint on the loopback, and stops them on a signal."""

import asyncio
import fcntl
import logging
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from local.databricks.composition import Runner, compose

_LOGGER = logging.getLogger(__name__)
_HOST = "127.0.0.1"
_SHUTDOWN_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to serve, and where."""

    port: int
    control_port: int
    data: Path
    token: str | None = None
    spare_seconds: float = 120.0


class DataFolderInUseError(RuntimeError):
    """Another runner works on the same folder."""


async def serve(options: Options) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    options.data.mkdir(parents=True, exist_ok=True)
    with _owning(options.data):
        runner = compose(
            data=options.data.resolve(),
            url=f"http://{_HOST}:{options.port}",
            token=options.token,
            spare_seconds=options.spare_seconds,
        )
        async with AsyncExitStack() as stack:
            stack.push_async_callback(runner.close)
            await runner.worker.recover()
            for app, port in _apps(runner, options):
                await stack.enter_async_context(_listening(app, port))
            _LOGGER.info("serving on port %s, control %s", options.port, options.control_port)
            await stop.wait()


@contextmanager
def _owning(data: Path) -> Iterator[None]:
    """Keep other runners off the folder; the lock goes with the process, however it ends."""
    descriptor = os.open(data / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        message = f"another Databricks runner works on {data}: stop it, or choose another --data"
        raise DataFolderInUseError(message) from error
    else:
        yield
    finally:
        os.close(descriptor)


def _apps(runner: Runner, options: Options) -> list[tuple[web.Application, int]]:
    app = web.Application(client_max_size=_MOST_BODY_BYTES)
    app.router.add_route("*", "/{target:.*}", runner.gateway.answer)
    return [(app, options.port), (runner.control.app(), options.control_port)]


_MOST_BODY_BYTES = 10 * 1024 * 1024  # the service's own limit


@asynccontextmanager
async def _listening(app: web.Application, port: int) -> AsyncIterator[None]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, _HOST, port).start()
        yield
    finally:
        await runner.cleanup()

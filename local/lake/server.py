"""Starts the gateway and its control endpoint on the loopback, and stops them on a signal."""

import asyncio
import fcntl
import logging
import os
import shutil
import signal
import uuid
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from local.lake.control import Control
from local.lake.disk import ChangeClock
from local.lake.entry import look
from local.lake.faults import Faults
from local.lake.filesystems import create_filesystem
from local.lake.gateway import Gateway
from local.lake.handlers import Handlers
from local.lake.locks import PathLocks
from local.lake.paths import Folders, LakePath
from local.lake.properties import Properties
from local.lake.signature import Account
from local.lake.store import Store

_LOGGER = logging.getLogger(__name__)
_HOST = "127.0.0.1"
_DISK_THREADS = 16  # they wait for the disk, not for a core
_SHUTDOWN_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to serve, and where."""

    port: int
    control_port: int
    data: Path
    account: Account
    filesystems: tuple[str, ...] = ()


class DataFolderInUseError(RuntimeError):
    """Another gateway serves the same folder."""


async def serve(options: Options) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.set_default_executor(ThreadPoolExecutor(_DISK_THREADS))
    options.data.mkdir(parents=True, exist_ok=True)
    with _owning(options.data):
        store = _open_store(options)
        async with AsyncExitStack() as stack:
            for app, port in _apps(store, options):
                await stack.enter_async_context(_listening(app, port))
            _LOGGER.info("serving %s on ports %s", options.data, _ports(options))
            await stop.wait()


def _ports(options: Options) -> str:
    return f"{options.port} (lake) and {options.control_port} (control)"


@contextmanager
def _owning(data: Path) -> Iterator[None]:
    """Keep other gateways off the folder; the lock goes with the process, however it ends."""
    meta = data / ".meta"
    meta.mkdir(exist_ok=True)
    descriptor = os.open(meta / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        message = f"another lake gateway serves {data}: stop it, or choose another --data"
        raise DataFolderInUseError(message) from error
    else:
        yield
    finally:
        os.close(descriptor)


def _open_store(options: Options) -> Store:
    store = Store(folders=Folders(root=options.data.resolve()), clock=ChangeClock())
    for leftover in (store.folders.scratch, store.folders.trash):
        shutil.rmtree(leftover, ignore_errors=True)
    for name in options.filesystems:
        if look(store.folders, LakePath(filesystem=name)) is None:
            create_filesystem(store, name, Properties())
    return store


def _apps(store: Store, options: Options) -> list[tuple[web.Application, int]]:
    faults = Faults()
    gateway = Gateway(
        account=options.account,
        handlers=Handlers(store=store, locks=PathLocks()),
        faults=faults,
    )
    about = {"account": options.account.name, "port": options.port}
    control = Control(store, faults, about)
    return [(_lake_app(gateway), options.port), (control.app(), options.control_port)]


def _lake_app(gateway: Gateway) -> web.Application:
    app = web.Application()
    app.router.add_route("*", "/{target:.*}", gateway.answer)
    app.on_response_prepare.append(_sign_response)
    return app


async def _sign_response(request: web.Request, response: web.StreamResponse) -> None:
    """Give every response the headers that the service gives to all."""
    response.headers.setdefault("x-ms-request-id", str(uuid.uuid4()))
    for name in ("x-ms-version", "x-ms-client-request-id"):
        if name in request.headers:
            response.headers[name] = request.headers[name]
    response.headers["Server"] = "Landfall-Lake-Gateway"


@asynccontextmanager
async def _listening(app: web.Application, port: int) -> AsyncIterator[None]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, _HOST, port).start()
        yield
    finally:
        await runner.cleanup()

"""Starts the gateway and its control endpoint on the loopback, and stops them on a signal."""

import asyncio
import logging
import shutil
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web

from local.kit.control import Control
from local.kit.faults import Faults
from local.kit.serving import listening, owning, set_on_signal
from local.lake.disk import ChangeClock
from local.lake.entry import look
from local.lake.faults import Fault, parse_fault
from local.lake.filesystems import create_filesystem, list_filesystems
from local.lake.gateway import Gateway
from local.lake.handlers import Handlers
from local.lake.locks import PathLocks
from local.lake.paths import Folders, LakePath
from local.lake.properties import Properties
from local.lake.signature import Account
from local.lake.store import Store

_LOGGER = logging.getLogger(__name__)
_DISK_THREADS = 16  # they wait for the disk, not for a core


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The data to serve, and the ports to serve it on."""

    port: int
    control_port: int
    data: Path
    account: Account
    filesystems: tuple[str, ...] = ()


async def serve(options: Options) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    set_on_signal(stop)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_DISK_THREADS))
    with owning(options.data, lock=".meta/lock"):
        store, faults = _open_store(options), Faults[Fault]()
        async with (
            listening(_lake(store, faults, options.account), options.port),
            listening(_control(store, faults, options), options.control_port),
        ):
            _LOGGER.info("serving on port %s, control %s", options.port, options.control_port)
            await stop.wait()


def _open_store(options: Options) -> Store:
    store = Store(folders=Folders(root=options.data.resolve()), clock=ChangeClock())
    for leftover in (store.folders.scratch, store.folders.trash):
        shutil.rmtree(leftover, ignore_errors=True)
    for name in options.filesystems:
        if look(store.folders, LakePath(filesystem=name)) is None:
            create_filesystem(store, name, Properties())
    return store


def _lake(store: Store, faults: Faults[Fault], account: Account) -> web.Application:
    handlers = Handlers(store=store, locks=PathLocks())
    gateway = Gateway(account=account, handlers=handlers, faults=faults)
    app = web.Application()
    app.router.add_route("*", "/{target:.*}", gateway.answer)
    app.on_response_prepare.append(_sign_response)
    return app


def _control(store: Store, faults: Faults[Fault], options: Options) -> web.Application:
    async def about() -> Mapping[str, Any]:
        found = await asyncio.to_thread(list_filesystems, store, "")
        names = [one.name for one in found]
        return {"account": options.account.name, "port": options.port, "filesystems": names}

    return Control(faults=faults, parse=partial(parse_fault, store), about=about).app()


async def _sign_response(request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers that the service puts on every response."""
    response.headers.setdefault("x-ms-request-id", str(uuid.uuid4()))
    for name in ("x-ms-version", "x-ms-client-request-id"):
        if name in request.headers:
            response.headers[name] = request.headers[name]
    response.headers["Server"] = "Landfall-Lake-Gateway"

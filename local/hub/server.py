"""Runs the emulator: the AMQP port, the control port, and periodic retention."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from local.hub.broker import Broker
from local.hub.connection import Connection
from local.hub.control import make_control
from local.hub.namespace import HubExistsError, Namespace
from local.hub.options import Options
from local.kit.serving import HOST, listening, owning, set_on_signal

_LOGGER = logging.getLogger(__name__)
_EXPIRE_SECONDS = 1.0


async def serve(options: Options) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    set_on_signal(stop)
    with owning(options.data):
        async with (
            _open(options) as broker,
            _accepting(broker, options.port),
            listening(make_control(broker), options.control_port),
            _expiring(broker),
        ):
            _LOGGER.info("serving on port %s, control %s", options.port, options.control_port)
            await stop.wait()


@asynccontextmanager
async def _open(options: Options) -> AsyncIterator[Broker]:
    """Open the hubs; at the end, finish the pending writes."""
    namespace = Namespace(options.data, options.clock)
    for hub in options.hubs:
        try:
            namespace.create(hub.name, hub.partition_count, hub.groups, options.retention)
        except HubExistsError:
            namespace.hub(hub.name).add_groups(hub.groups)
    try:
        yield Broker(namespace=namespace, key=options.key)
    finally:
        await namespace.close()


@asynccontextmanager
async def _accepting(broker: Broker, port: int) -> AsyncIterator[None]:
    """Accept connections; at the end, close them with a reason."""
    connections: set[Connection] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(broker, connections), HOST, port)
    try:
        yield
    finally:
        server.close()
        for connection in tuple(connections):
            connection.close()


@asynccontextmanager
async def _expiring(broker: Broker) -> AsyncIterator[None]:
    """Apply the retention periodically."""

    async def expire() -> None:
        while True:
            await asyncio.sleep(_EXPIRE_SECONDS)
            broker.namespace.expire()

    task = asyncio.create_task(expire())
    try:
        yield
    finally:
        task.cancel()

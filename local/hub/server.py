"""Runs the emulator: the AMQP port, the control port, and the clock of the retention."""

import asyncio
import fcntl
import os
import signal
from pathlib import Path

from aiohttp import web

from local.hub.broker import Broker
from local.hub.connection import Connection
from local.hub.control import make_control
from local.hub.namespace import HubExistsError, Namespace
from local.hub.options import Options

_HOST = "127.0.0.1"
_EXPIRE_SECONDS = 1.0


class DataInUseError(Exception):
    """Another emulator has the data directory open."""


class HubServer:
    """An emulator that can be started and stopped."""

    def __init__(self, options: Options) -> None:
        """Prepare; nothing is opened yet."""
        self._options = options
        self._connections: set[Connection] = set()

    async def start(self) -> None:
        """Open the data and listen; ports of 0 become free ones."""
        options = self._options
        self._lock = _lock(options.data)
        namespace = Namespace(options.data, options.clock)
        for hub in options.hubs:
            try:
                namespace.create(hub.name, hub.partition_count, hub.groups, options.retention)
            except HubExistsError:
                namespace.hub(hub.name).add_groups(hub.groups)
        self._broker = Broker(namespace=namespace, key=options.key)
        await self._listen()
        self._expiring = asyncio.create_task(self._expire())

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        self._amqp = await loop.create_server(
            lambda: Connection(self._broker, self._connections), _HOST, self._options.port
        )
        self._control = web.AppRunner(make_control(self._broker), access_log=None)
        await self._control.setup()
        await web.TCPSite(self._control, _HOST, self._options.control_port).start()

    @property
    def ports(self) -> tuple[int, int]:
        """The AMQP port and the control port."""
        control = self._control.addresses[0]
        return self._amqp.sockets[0].getsockname()[1], control[1]

    async def _expire(self) -> None:
        while True:
            await asyncio.sleep(_EXPIRE_SECONDS)
            self._broker.namespace.expire()

    async def stop(self) -> None:
        """Stop listening, tell the clients, finish what is being written."""
        self._expiring.cancel()
        self._amqp.close()
        await self._control.cleanup()
        for connection in tuple(self._connections):
            connection.close()
        await self._broker.namespace.close()
        os.close(self._lock)


def _lock(data: Path) -> int:
    """Take the data directory for this process; the system lets go of it however we end."""
    data.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(data / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        message = f"{data} is in use by another emulator"
        raise DataInUseError(message) from None
    return descriptor


async def run(options: Options) -> None:
    """Run until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = HubServer(options)
    await server.start()
    await stop.wait()
    await server.stop()

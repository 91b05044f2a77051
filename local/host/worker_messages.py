"""The messages between the host and its worker's process, over a private socket."""

import asyncio
import pickle
import socket
import struct
from dataclasses import dataclass
from typing import TypeAlias

from local.host.indexing import IndexedFunction
from local.host.worker import Invocation, InvocationResult

# How much a reader buffers before the other side must wait: about one batch.
BUFFER_BYTES = 4 * 1024 * 1024
_LENGTH = struct.Struct("!Q")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppLoaded:
    """The first message of a worker: the app's functions."""

    functions: tuple[IndexedFunction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppNotLoaded:
    """The only message of a worker whose app does not load."""

    problem: str


Message: TypeAlias = AppLoaded | AppNotLoaded | Invocation | InvocationResult


def frame(message: Message) -> bytes:
    """Encode a message for the socket."""
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(data)) + data


async def open_streams(
    connection: socket.socket,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Read and write a socket's messages from this loop."""
    return await asyncio.open_connection(sock=connection, limit=BUFFER_BYTES)


async def receive(reader: asyncio.StreamReader) -> Message | None:
    """Wait for the next message; None when the other side has ended."""
    try:
        (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        # Pickle is safe here: both ends are ours, and nobody else has the socket.
        message: Message = pickle.loads(await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return message

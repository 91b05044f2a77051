"""Stands between the hosts and the ledger and injects faults, because Azurite cannot."""

import asyncio
from contextlib import suppress

CHUNK = 65536


class LedgerProxy:
    """Forwards bytes; can lose the next replies, or cut off the next requests."""

    def __init__(self, target: int) -> None:
        """Forward to this port."""
        self._target = target
        self._server: asyncio.Server | None = None
        self.replies_to_lose = 0
        self.requests_to_cut = 0

    async def start(self, port: int) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)

    def stop(self) -> None:
        """Stop listening."""
        if self._server:
            self._server.close()

    async def _serve(self, client: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        try:
            stream, request = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            answer.close()
            return
        ways = [
            asyncio.create_task(self._forward(client, request)),
            asyncio.create_task(self._reply(stream, answer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            for writer in (request, answer):
                with suppress(OSError, RuntimeError):
                    writer.transport.abort()

    async def _forward(self, client: asyncio.StreamReader, request: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await client.read(CHUNK):
                if data.startswith(b"POST") and self.requests_to_cut:
                    self.requests_to_cut -= 1
                    return
                request.write(data)
                await request.drain()

    async def _reply(self, stream: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await stream.read(CHUNK):
                if data.startswith(b"HTTP/1.1 202") and self.replies_to_lose:
                    self.replies_to_lose -= 1
                    return
                answer.write(data)
                await answer.drain()

"""One client's connection: protocol headers, SASL, open and close, and frames to their sessions."""

import asyncio
import logging
from collections.abc import Callable
from typing import cast

from local.hub import conditions, performatives, replies
from local.hub.amqp_types import DecodeError
from local.hub.attaching import make_link
from local.hub.broker import Broker
from local.hub.conditions import AmqpError
from local.hub.frames import (
    AMQP_HEADER,
    EMPTY_FRAME,
    MAX_FRAME_BYTES,
    SASL_HEADER,
    Frame,
    FrameReader,
    sasl_frame,
)
from local.hub.nodes import Claims
from local.hub.session import Session

_log = logging.getLogger(__name__)
_MIN_FRAME_BYTES = 512


class Connection(asyncio.Protocol):
    """Reads frames as they arrive; it finishes each one before it starts the next."""

    def __init__(self, broker: Broker, connections: set["Connection"]) -> None:
        """Stay in the server's set of connections while connected."""
        self.broker = broker
        self.claims = Claims(broker)
        self.max_frame_bytes = _MIN_FRAME_BYTES
        self.writable = True
        self._connections = connections
        self._reader = FrameReader()
        self._sessions: dict[int, Session] = {}
        self._on_bytes: Callable[[], bool] = self._take_header
        self._idle: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start to serve a new connection."""
        self._transport = cast("asyncio.Transport", transport)
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Release everything that the connection held."""
        self._connections.discard(self)
        if self._idle is not None:
            self._idle.cancel()
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            session.close()

    def pause_writing(self) -> None:
        """Stop delivering until the client has read more."""
        self.writable = False

    def resume_writing(self) -> None:
        """Deliver again, but outside the transport's own write.

        If a write failed inside it, the transport would end the connection twice.
        """
        self.writable = True
        asyncio.get_running_loop().call_soon(self._pump)

    def _pump(self) -> None:
        for session in tuple(self._sessions.values()):
            session.pump()

    def data_received(self, data: bytes) -> None:
        """Process complete frames; close the connection on invalid bytes."""
        self._reader.feed(data)
        try:
            while not self._transport.is_closing() and self._on_bytes():
                pass
        except AmqpError as error:
            self._close(error)
        except (DecodeError, IndexError) as error:
            _log.warning("connection closed, frame not understood: %s", error)
            self._close(conditions.framing_error(str(error)))

    def send(self, data: bytes) -> None:
        """Write whole frames."""
        if not self._transport.is_closing():
            self._transport.write(data)

    def drop(self) -> None:
        """Cut the connection without a close frame, as a failing network does."""
        self._transport.abort()

    def close(self) -> None:
        """Close the connection because the emulator stops."""
        if not self._transport.is_closing():
            self._close(conditions.shutting_down())

    def _close(self, error: AmqpError | None) -> None:
        self.send(replies.framed(0, replies.close(error)))
        self._transport.close()

    def _take_header(self) -> bool:
        header = self._reader.take_header()
        if header is None:
            return False
        if header == SASL_HEADER:
            self.send(SASL_HEADER + sasl_frame(replies.sasl_mechanisms()))
            self._on_bytes = self._take_sasl
        elif header == AMQP_HEADER:
            self.send(AMQP_HEADER)
            self._on_bytes = self._take_frame
        else:
            # The standard's answer to an unknown header is the header we support.
            self.send(AMQP_HEADER)
            self._transport.close()
        return True

    def _take_sasl(self) -> bool:
        frame = self._reader.take_frame()
        if frame is None:
            return False
        if frame.code != performatives.SASL_INIT:
            message = f"0x{frame.code:02x} where a sasl-init must stand"
            raise DecodeError(message)
        self.send(sasl_frame(replies.sasl_outcome_ok()))
        self._on_bytes = self._take_header
        return True

    def _take_frame(self) -> bool:
        frame = self._reader.take_frame()
        if frame is None:
            return False
        if frame.code == performatives.OPEN:
            self._open(frame)
        elif frame.code == performatives.CLOSE:
            self._close(None)
        elif frame.code == performatives.BEGIN:
            begin = performatives.parse_begin(frame.fields)
            self._sessions[frame.channel] = Session(self, frame.channel, begin, make_link)
        elif frame.code == performatives.END:
            self._end(frame.channel)
        else:
            self._dispatch(frame)
        return True

    def _open(self, frame: Frame) -> None:
        opened = performatives.parse_open(frame.fields)
        if opened.max_frame_bytes < _MIN_FRAME_BYTES:
            reason = "max-frame-size must be at least 512"
            raise conditions.invalid_field(reason)
        self.max_frame_bytes = min(opened.max_frame_bytes, MAX_FRAME_BYTES)
        self.send(replies.framed(0, replies.open_reply("landfall-hub")))
        if opened.idle_timeout_ms:
            self._keep_alive(opened.idle_timeout_ms / 2000)

    def _keep_alive(self, seconds: float) -> None:
        """Send empty frames regularly, or a client with an idle timeout would disconnect."""
        self.send(EMPTY_FRAME)
        loop = asyncio.get_running_loop()
        self._idle = loop.call_later(seconds, self._keep_alive, seconds)

    def _end(self, channel: int) -> None:
        session = self._sessions.pop(channel, None)
        if session is not None:
            session.close()
        self.send(replies.framed(channel, replies.end()))

    def _dispatch(self, frame: Frame) -> None:
        session = self._sessions.get(frame.channel)
        # The client may still send frames because it has not seen our end yet.
        if session is not None:
            session.on_frame(frame)
        elif frame.code == performatives.ATTACH:
            reason = "an attach needs a session on its channel"
            raise conditions.not_allowed(reason)

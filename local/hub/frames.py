"""Splits the byte stream into frames, and builds frames."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from local.hub.amqp_decode import decode
from local.hub.amqp_types import DecodeError, Described

AMQP_HEADER = b"AMQP\x00\x01\x00\x00"
SASL_HEADER = b"AMQP\x03\x01\x00\x00"
MAX_FRAME_BYTES = 1024 * 1024
EMPTY_FRAME = b"\x00\x00\x00\x08\x02\x00\x00\x00"

_HEAD = struct.Struct(">IBBH")
_AMQP_TYPE = 0
_SASL_TYPE = 1


@dataclass(frozen=True, slots=True)
class Frame:
    """A performative with its channel, and its payload if it is a transfer."""

    channel: int
    code: int
    fields: list[object]
    payload: bytes


class FrameReader:
    """Collects received bytes and returns complete frames."""

    def __init__(self) -> None:
        """Start at the beginning of a stream."""
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Add bytes from the socket."""
        self._buffer += data

    def take_header(self) -> bytes | None:
        """Return a protocol header once its 8 bytes have arrived."""
        if len(self._buffer) < 8:
            return None
        header = bytes(self._buffer[:8])
        del self._buffer[:8]
        return header

    def take_frame(self) -> Frame | None:
        """Return the next frame that has a body; an empty frame is only a keep-alive."""
        for body, channel in self._bodies():
            if body:
                return _parse_body(body, channel)
        return None

    def _bodies(self) -> Iterator[tuple[bytes, int]]:
        while len(self._buffer) >= 8:
            size, data_offset, _, channel = _HEAD.unpack_from(self._buffer)
            start = data_offset * 4
            if size < 8 or start < 8 or start > size or size > MAX_FRAME_BYTES:
                message = f"a frame of {size} bytes, data at {start}, is not acceptable"
                raise DecodeError(message)
            if len(self._buffer) < size:
                return
            body = bytes(memoryview(self._buffer)[start:size])
            del self._buffer[:size]
            yield body, channel


def _parse_body(body: bytes, channel: int) -> Frame:
    performative, end = decode(body)
    if not isinstance(performative, Described) or not isinstance(performative.value, list):
        message = "a frame holds no performative"
        raise DecodeError(message)
    code = performative.descriptor
    if not isinstance(code, int):
        message = f"performative {code!r} is not named by its number"
        raise DecodeError(message)
    return Frame(channel, code, performative.value, body[end:])


def amqp_frame(channel: int, performative: bytes, payload: bytes = b"") -> bytes:
    """Return an AMQP frame."""
    size = 8 + len(performative) + len(payload)
    return _HEAD.pack(size, 2, _AMQP_TYPE, channel) + performative + payload


def sasl_frame(performative: bytes) -> bytes:
    """Return a SASL frame."""
    return _HEAD.pack(8 + len(performative), 2, _SASL_TYPE, 0) + performative

"""The emulator's performatives, with all fields because the SDK reads them by position."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from local.hub.amqp_encode import encode_described_list
from local.hub.amqp_types import Described, Encoded, UByte, UInt, ULong, UShort
from local.hub.conditions import AmqpError
from local.hub.frames import MAX_FRAME_BYTES, amqp_frame
from local.hub.performatives import Attach

SESSION_WINDOW = 65_536
MAX_HANDLE = 255
_MAX_CHANNEL = 4_999

# A transfer performative without its payload: frame header, descriptor, list of 11 fields.
_TRANSFER = struct.Struct(">IBBH3s3sBIBIBBI1s1s1s5s")
_TRANSFER_BYTES = _TRANSFER.size
_DESCRIPTOR = b"\x00\x53\x14"
_NULLS = b"\x40" * 5
_ACCEPTED = b"\x00\x53\x24\x45"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """The link fields of a flow."""

    handle: int
    delivery_count: int
    link_credit: int
    available: int = 0
    drain: bool = False


def sasl_mechanisms() -> bytes:
    """Offer the mechanisms that the SDKs ask for; only tokens authenticate a client."""
    return encode_described_list(0x40, [("MSSBCBS", "PLAIN", "ANONYMOUS", "EXTERNAL")])


def sasl_outcome_ok() -> bytes:
    """Accept the client's SASL mechanism."""
    return encode_described_list(0x44, [UByte(0), None])


def open_reply(container_id: str) -> bytes:
    """Answer an open."""
    fields = [
        container_id, None, UInt(MAX_FRAME_BYTES), UShort(_MAX_CHANNEL), None,
        None, None, None, None, None,
    ]  # fmt: skip
    return encode_described_list(0x10, fields)


def begin_reply(remote_channel: int, next_outgoing_id: int) -> bytes:
    """Answer a begin."""
    window = UInt(SESSION_WINDOW)
    fields = [
        UShort(remote_channel), UInt(next_outgoing_id), window, window, UInt(MAX_HANDLE),
        None, None, None,
    ]  # fmt: skip
    return encode_described_list(0x11, fields)


def attach_reply(attach: Attach, max_message_bytes: int, capabilities: Sequence[str]) -> bytes:
    """Grant an attach."""
    source = _terminus(0x28, attach.source, 11)
    target = _terminus(0x29, attach.target, 7)
    return _attach(attach, source, target, max_message_bytes, tuple(capabilities) or None)


def attach_refusal(attach: Attach) -> bytes:
    """Refuse an attach: the reply has no terminus, and a detach must follow at once."""
    return _attach(attach, None, None, 0, None)


def _attach(
    attach: Attach,
    source: object,
    target: object,
    max_message_bytes: int,
    capabilities: tuple[str, ...] | None,
) -> bytes:
    sends = attach.is_receiver
    fields = [
        attach.name, UInt(attach.handle), not attach.is_receiver,
        UByte(1 if sends else 0), UByte(0), source, target, None, None,
        UInt(0) if sends else None, ULong(max_message_bytes), capabilities, None, None,
    ]  # fmt: skip
    return encode_described_list(0x12, fields)


def _terminus(code: int, received: object, count: int) -> Described:
    """Echo one end of a link with all fields but the filters, whose types we do not keep."""
    value = received.value if isinstance(received, Described) else []
    address = value[0] if isinstance(value, list) and value else None
    return Described(ULong(code), [str(address) if address else "", *([None] * (count - 1))])


def flow(next_incoming_id: int, next_outgoing_id: int, credit: Credit | None) -> bytes:
    """Update the session's windows, and a link's credit if given."""
    window = UInt(SESSION_WINDOW)
    link: list[object] = [None] * 5
    if credit is not None:
        link = [
            UInt(credit.handle), UInt(credit.delivery_count), UInt(credit.link_credit),
            UInt(credit.available), credit.drain,
        ]  # fmt: skip
    fields = [UInt(next_incoming_id), window, UInt(next_outgoing_id), window, *link, False, None]
    return encode_described_list(0x13, fields)


def disposition(delivery_id: int, error: AmqpError | None) -> bytes:
    """Settle one of the client's deliveries as accepted or rejected."""
    state = _ACCEPTED if error is None else encode_described_list(0x25, [_error(error)])
    fields = [True, UInt(delivery_id), UInt(delivery_id), True, Encoded(state), None]
    return encode_described_list(0x15, fields)


def detach(handle: int, error: AmqpError | None) -> bytes:
    """Detach and close a link."""
    return encode_described_list(0x16, [UInt(handle), True, _error(error)])


def end(error: AmqpError | None = None) -> bytes:
    """End a session."""
    return encode_described_list(0x17, [_error(error)])


def close(error: AmqpError | None = None) -> bytes:
    """Close the connection."""
    return encode_described_list(0x18, [_error(error)])


def _error(error: AmqpError | None) -> Encoded | None:
    return None if error is None else Encoded(error.encode())


def transfer_frames(
    channel: int, handle: int, delivery_id: int, message: bytes, max_frame_bytes: int
) -> list[bytes]:
    """Return a settled delivery as one frame, or as several if it exceeds the frame size."""
    room = max_frame_bytes - _TRANSFER_BYTES
    if len(message) <= room:
        return [_transfer_head(channel, handle, delivery_id, len(message), False) + message]
    parts = [message[at : at + room] for at in range(0, len(message), room)]
    last = len(parts) - 1
    return [
        _transfer_head(channel, handle, delivery_id, len(part), index < last) + part
        for index, part in enumerate(parts)
    ]


def _transfer_head(channel: int, handle: int, delivery_id: int, size: int, more: bool) -> bytes:
    return _TRANSFER.pack(
        _TRANSFER_BYTES + size, 2, 0, channel, _DESCRIPTOR, b"\xc0\x19\x0b",
        0x70, handle, 0x70, delivery_id, 0xA0, 4, delivery_id,
        b"\x43", b"\x41", b"\x41" if more else b"\x42", _NULLS,
    )  # fmt: skip


def framed(channel: int, performative: bytes) -> bytes:
    """Return a frame for a performative without payload."""
    return amqp_frame(channel, performative)

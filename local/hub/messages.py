"""Messages: the emulator splits one into sections and stamps it, but never rewrites a section."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from local.hub.amqp_decode import decode, skip
from local.hub.amqp_encode import encode, encode_string
from local.hub.amqp_types import DecodeError, Described, Symbol, ULong

BATCH_FORMAT = 0x80013700

HEADER, DELIVERY_ANNOTATIONS, ANNOTATIONS = 0x70, 0x71, 0x72
PROPERTIES, APPLICATION_PROPERTIES, DATA, VALUE = 0x73, 0x74, 0x75, 0x77

_PARTITION_KEY = "x-opt-partition-key"
_STAMPED = (_PARTITION_KEY, "x-opt-sequence-number", "x-opt-offset", "x-opt-enqueued-time")
_MAP32 = struct.Struct(">3sBII")
_LONG = struct.Struct(">q")
_SEQUENCE = encode(Symbol("x-opt-sequence-number")) + b"\x81"
_OFFSET = encode(Symbol("x-opt-offset")) + b"\xa1"
_ENQUEUED = encode(Symbol("x-opt-enqueued-time")) + b"\x83"
_KEY = encode(Symbol(_PARTITION_KEY))


@dataclass(frozen=True, slots=True)
class Section:
    """The position of a section in a message."""

    code: int
    start: int
    value_at: int
    end: int


@dataclass(frozen=True, slots=True)
class Event:
    """A received message, split where the service's annotations go; the bytes are unchanged."""

    head: bytes
    annotation_count: int
    annotations: bytes
    body: bytes
    partition_key: str | None


def sections(message: bytes) -> Iterator[Section]:
    """Iterate over a message's sections without decoding them."""
    at, size = 0, len(message)
    while at < size:
        if message[at : at + 2] != b"\x00\x53":
            code, value_at = _long_descriptor(message, at)
        else:
            code, value_at = message[at + 2] if at + 2 < size else 0, at + 3
        if not 0x70 <= code <= 0x78:
            reason = f"0x{code:02x} is no section of a message"
            raise DecodeError(reason)
        end = skip(message, value_at)
        yield Section(code, at, value_at, end)
        at = end


def _long_descriptor(message: bytes, at: int) -> tuple[int, int]:
    """Read a descriptor in a form other than the usual short one."""
    if message[at] != 0x00:
        reason = "a message holds something that is not a section"
        raise DecodeError(reason)
    code, value_at = decode(message, at + 1)
    return (code if isinstance(code, int) else 0), value_at


def parse_events(message_format: int, payload: bytes) -> list[Event]:
    """Return the events of a transfer: the inner messages of a batch, or the message itself."""
    if message_format != BATCH_FORMAT:
        return [parse_event(payload, None)]
    key, inner = None, []
    for section in sections(payload):
        if section.code == DATA:
            data, _ = decode(payload, section.value_at)
            inner.append(data)
        elif section.code == ANNOTATIONS:
            key = _key_of(decode(payload, section.value_at)[0])
    return [parse_event(message, key) for message in inner if isinstance(message, bytes)]


def parse_event(message: bytes, batch_key: str | None) -> Event:
    """Split one message; the key of its batch takes precedence over its own."""
    found = list(sections(message))
    if not found:
        reason = "it has no sections"
        raise DecodeError(reason)
    if all(section.code > ANNOTATIONS for section in found):
        return Event(b"", 0, b"", message, batch_key)
    return _parse_annotated(message, found, batch_key)


def _parse_annotated(message: bytes, found: list[Section], batch_key: str | None) -> Event:
    head, key = b"", batch_key
    body: list[bytes] = []
    kept: list[bytes] = []
    for section in found:
        if section.code == HEADER:
            head = message[section.start : section.end]
        elif section.code == ANNOTATIONS:
            annotations, _ = decode(message, section.value_at)
            key = _key_of(annotations) if key is None else key
            kept = _foreign_pairs(message, section)
        elif section.code != DELIVERY_ANNOTATIONS or body:
            # Delivery annotations are for one hop. But the SDK writes some after the body, against
            # the standard, and the service passes those on.
            body.append(message[section.start : section.end])
    return Event(head, len(kept), b"".join(kept), b"".join(body), key)


def _key_of(annotations: object) -> str | None:
    key = annotations.get(_PARTITION_KEY) if isinstance(annotations, dict) else None
    if key is None:
        return None
    return key.decode(errors="replace") if isinstance(key, bytes) else str(key)


def _foreign_pairs(message: bytes, section: Section) -> list[bytes]:
    """Return the encoded entries of an annotations map that the service does not write itself."""
    constructor = message[section.value_at]
    width = {0xC1: 1, 0xD1: 4}.get(constructor)
    pairs: list[bytes] = []
    if width is None:
        return pairs
    at = section.value_at + 1 + 2 * width
    while at < section.end:
        key, value_at = decode(message, at)
        end = skip(message, value_at)
        if key not in _STAMPED:
            pairs.append(message[at:end])
        at = end
    return pairs


def stamp(event: Event, sequence_number: int, offset: int, enqueued_ms: int) -> bytes:
    """Return the message for delivery, with the service's annotations."""
    text = str(offset).encode("ascii")
    pairs = [
        event.annotations, _SEQUENCE, _LONG.pack(sequence_number), _OFFSET, bytes((len(text),)),
        text, _ENQUEUED, _LONG.pack(enqueued_ms),
    ]  # fmt: skip
    count = 2 * event.annotation_count + 6
    if event.partition_key is not None:
        pairs += [_KEY, encode_string(event.partition_key)]
        count += 2
    return _with_map(event.head, ANNOTATIONS, count, b"".join(pairs), event.body)


def add_delivery_annotations(message: bytes, annotations: dict[object, object]) -> bytes:
    """Return the message with delivery annotations in their place, after the header."""
    pairs = b"".join(encode(key) + encode(value) for key, value in annotations.items())
    first = next(sections(message))
    cut = first.end if first.code == HEADER else 0
    count = 2 * len(annotations)
    return _with_map(message[:cut], DELIVERY_ANNOTATIONS, count, pairs, message[cut:])


def _with_map(before: bytes, code: int, count: int, pairs: bytes, after: bytes) -> bytes:
    head = _MAP32.pack(bytes((0x00, 0x53, code)), 0xD1, len(pairs) + 4, count)
    return b"".join((before, head, pairs, after))


@dataclass(frozen=True, slots=True)
class Request:
    """A message to one of the namespace's own nodes."""

    message_id: object
    properties: dict[object, object]
    body: object


def parse_request(payload: bytes) -> Request:
    """Read a request to ``$cbs`` or ``$management``."""
    message_id: object = None
    properties: dict[object, object] = {}
    body: object = None
    for section in sections(payload):
        value, _ = decode(payload, section.value_at)
        if section.code == PROPERTIES and isinstance(value, list) and value:
            message_id = value[0]
        elif section.code == APPLICATION_PROPERTIES and isinstance(value, dict):
            properties = value
        elif section.code in (VALUE, DATA):
            body = value
    return Request(message_id, properties, body)


def encode_response(correlation_id: object, properties: dict[str, object], body: object) -> bytes:
    """Return a response to a request."""
    head: list[object] = [None] * 13
    head[5] = correlation_id
    return b"".join(
        encode(Described(ULong(code), value))
        for code, value in ((PROPERTIES, head), (APPLICATION_PROPERTIES, properties), (VALUE, body))
    )

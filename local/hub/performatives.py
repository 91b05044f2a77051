"""The performatives that clients send, with the fields that the emulator reads."""

from dataclasses import dataclass

from local.hub.amqp_types import DecodeError, Described

OPEN, BEGIN, ATTACH, FLOW, TRANSFER, DISPOSITION, DETACH, END, CLOSE = range(0x10, 0x19)
SASL_INIT = 0x41

_SELECTOR = "apache.org:selector-filter:string"


@dataclass(frozen=True, slots=True)
class Open:
    """A client opens its connection."""

    container_id: str
    max_frame_bytes: int
    idle_timeout_ms: int


@dataclass(frozen=True, slots=True)
class Begin:
    """A client begins a session."""

    next_outgoing_id: int
    incoming_window: int


@dataclass(frozen=True, slots=True)
class Attach:
    """A client attaches a link; ``source`` and ``target`` stay as received, to be echoed."""

    name: str
    handle: int
    is_receiver: bool
    source: object
    target: object
    initial_delivery_count: int
    max_message_bytes: int
    desired_capabilities: list[object]
    properties: dict[object, object]

    @property
    def address(self) -> str:
        """The node's address, taken from the server's end of the link."""
        terminus = _fields(self.source if self.is_receiver else self.target, 11)
        return str(terminus[0] or "")

    @property
    def selector(self) -> str | None:
        """The text of the selector filter on the source, if there is one."""
        filters = _fields(self.source, 11)[7]
        described = filters.get(_SELECTOR) if isinstance(filters, dict) else None
        value = described.value if isinstance(described, Described) else described
        if value is None:
            return None
        return value.decode() if isinstance(value, bytes) else str(value)


@dataclass(frozen=True, slots=True)
class Flow:
    """A client updates its windows and, with a handle, a link's credit."""

    next_incoming_id: int | None
    incoming_window: int
    handle: int | None
    delivery_count: int
    link_credit: int
    drain: bool
    echo: bool


@dataclass(frozen=True, slots=True)
class Transfer:
    """A client sends a message or a part of one."""

    handle: int
    delivery_id: int | None
    message_format: int
    settled: bool
    more: bool
    aborted: bool


def parse_open(fields: list[object]) -> Open:
    """Read an open; without a frame size the client sets no limit."""
    _, _, max_frame, _, idle = _pad(fields, 5)
    return Open(str(fields[0]), _int(max_frame, 0xFFFFFFFF), _int(idle, 0))


def parse_begin(fields: list[object]) -> Begin:
    """Read a begin."""
    _, next_outgoing_id, incoming_window = _pad(fields, 3)
    return Begin(_int(next_outgoing_id, 0), _int(incoming_window, 0))


def parse_attach(fields: list[object]) -> Attach:
    """Read an attach."""
    values = _pad(fields, 14)
    capabilities = values[12]
    properties = values[13]
    if not isinstance(capabilities, list):
        capabilities = [] if capabilities is None else [capabilities]
    return Attach(
        name=str(values[0]),
        handle=_int(values[1], 0),
        is_receiver=bool(values[2]),
        source=values[5],
        target=values[6],
        initial_delivery_count=_int(values[9], 0),
        max_message_bytes=_int(values[10], 0),
        desired_capabilities=capabilities,
        properties=properties if isinstance(properties, dict) else {},
    )


def parse_flow(fields: list[object]) -> Flow:
    """Read a flow."""
    values = _pad(fields, 11)
    return Flow(
        next_incoming_id=_optional_int(values[0]),
        incoming_window=_int(values[1], 0),
        handle=_optional_int(values[4]),
        delivery_count=_int(values[5], 0),
        link_credit=_int(values[6], 0),
        drain=bool(values[8]),
        echo=bool(values[9]),
    )


def parse_transfer(fields: list[object]) -> Transfer:
    """Read a transfer."""
    values = _pad(fields, 10)
    return Transfer(
        handle=_int(values[0], 0),
        delivery_id=_optional_int(values[1]),
        message_format=_int(values[3], 0),
        settled=bool(values[4]),
        more=bool(values[5]),
        aborted=bool(values[9]),
    )


def parse_handle(fields: list[object]) -> int:
    """Read the handle of a detach."""
    return _int(_pad(fields, 1)[0], 0)


def _pad(fields: list[object], count: int) -> list[object]:
    return [*fields[:count], *([None] * (count - len(fields)))]


def _fields(composite: object, count: int) -> list[object]:
    value = composite.value if isinstance(composite, Described) else None
    return _pad(value if isinstance(value, list) else [], count)


def _optional_int(value: object) -> int | None:
    return None if value is None else _int(value, 0)


def _int(value: object, default: int) -> int:
    if value is None:
        return default
    if isinstance(value, int):
        return value
    message = f"{value!r} stands where a number must"
    raise DecodeError(message)

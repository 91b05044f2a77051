"""Faults that an operator orders: each fires a given number of times on what it matches."""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

KINDS = ("server-busy", "detach", "drop-before-store", "drop-after-store", "delay")
SEND, DELIVERY = "send", "delivery"
_SENDS_ONLY = frozenset(("server-busy", "drop-before-store", "drop-after-store"))
_FIELDS = frozenset(("kind", "hub", "partition", "count", "seconds", "on"))


@dataclass(slots=True, kw_only=True)
class Fault:
    """An order; ``hub``, ``partition`` and ``on`` of None match any."""

    fault_id: int
    kind: str
    hub: str | None = None
    partition: str | None = None
    on: str | None = None
    count: int = 1
    seconds: float = 0.0
    fired: int = 0

    def matches(self, on: str, hub: str, partition_id: str) -> bool:
        """Say whether the fault is to fire here."""
        return (
            self.fired < self.count
            and self.on in (None, on)
            and (self.hub is None or self.hub.casefold() == hub.casefold())
            and self.partition in (None, partition_id)
        )


class Faults:
    """The orders, in the order in which they came."""

    def __init__(self) -> None:
        """Start with none."""
        self._faults: list[Fault] = []
        self._ids = itertools.count(1)

    @property
    def all(self) -> tuple[Fault, ...]:
        """Every order since the last clear, also those that are spent."""
        return tuple(self._faults)

    def order(self, document: Mapping[str, object]) -> Fault:
        """Add an order; raise ValueError if it makes no sense."""
        fault = parse_fault(next(self._ids), document)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Forget every order."""
        self._faults.clear()

    def take(
        self, on: str, hub: str, partition_id: str, kinds: Iterable[str] = KINDS
    ) -> Fault | None:
        """Return the first order that fires here, and count it."""
        for fault in self._faults:
            if fault.kind in kinds and fault.matches(on, hub, partition_id):
                fault.fired += 1
                return fault
        return None


def parse_fault(fault_id: int, document: Mapping[str, object]) -> Fault:
    """Read an order; raise ValueError if it makes no sense."""
    if unknown := sorted(document.keys() - _FIELDS):
        message = f"unknown field(s) {', '.join(unknown)}; known are {', '.join(sorted(_FIELDS))}"
        raise ValueError(message)
    kind = document.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        message = f"unknown kind {kind!r}; known are {', '.join(KINDS)}"
        raise ValueError(message)
    on = _on(kind, document.get("on"))
    seconds = _number(document.get("seconds", 0), "seconds")
    if (kind == "delay") != (seconds > 0):
        message = "a delay, and nothing else, has 'seconds' above 0"
        raise ValueError(message)
    return Fault(
        fault_id=fault_id,
        kind=kind,
        hub=_text(document.get("hub"), "hub"),
        partition=_text(document.get("partition"), "partition"),
        on=on,
        count=_count(document.get("count", 1)),
        seconds=seconds,
    )


def _on(kind: str, value: object) -> str | None:
    if value not in (None, SEND, DELIVERY):
        message = f"'on' is '{SEND}' or '{DELIVERY}', not {value!r}"
        raise ValueError(message)
    if kind in _SENDS_ONLY:
        if value == DELIVERY:
            message = f"'{kind}' is for sends only"
            raise ValueError(message)
        return SEND
    return value if isinstance(value, str) else None


def _text(value: object, name: str) -> str | None:
    if value is None:
        return None
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    message = f"'{name}' is a string, not {value!r}"
    raise ValueError(message)


def _count(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    message = f"'count' is a whole number above 0, not {value!r}"
    raise ValueError(message)


def _number(value: object, name: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 86_400:
        return float(value)
    message = f"'{name}' is a number of at least 0 and below a day, not {value!r}"
    raise ValueError(message)

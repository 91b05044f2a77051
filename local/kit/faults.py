"""Faults that a client sets: each fires a given number of times when it matches.

Each emulator declares its own: a frozen dataclass with at least `kind` and `count`, and a schema
that lists the fields of each kind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Generic, Protocol, TypeVar


class Fault(Protocol):
    """One thing to go wrong, the next `count` times that it matches.

    Its description has all its fields except those that its `repr` leaves out.
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def kind(self) -> str:
        """What is to go wrong."""

    @property
    def count(self) -> int:
        """How often."""


F = TypeVar("F", bound=Fault)


@dataclass(slots=True, kw_only=True)
class SetFault(Generic[F]):
    """A fault that is set, and how often it has fired."""

    number: int
    fault: F
    fired: int = 0

    def describe(self) -> dict[str, Any]:
        """Write it for the control endpoint."""
        shown = [one.name for one in fields(self.fault) if one.repr]
        return {
            "id": self.number,
            **{name: getattr(self.fault, name) for name in shown},
            "fired": self.fired,
            "remaining": self.fault.count - self.fired,
        }


class Faults(Generic[F]):
    """The faults that are set, oldest first; only the event loop uses them."""

    def __init__(self) -> None:
        """Start without faults."""
        self._set: list[SetFault[F]] = []
        self._numbers = 0

    def add(self, fault: F) -> SetFault[F]:
        """Set a fault."""
        self._numbers += 1
        added = SetFault(number=self._numbers, fault=fault)
        self._set.append(added)
        return added

    def take(self, matches: Callable[[F], bool]) -> F | None:
        """Find the oldest fault that matches and can fire again, and count that it fired."""
        for one in self._set:
            if one.fired < one.fault.count and matches(one.fault):
                one.fired += 1
                return one.fault
        return None

    def describe(self) -> list[dict[str, Any]]:
        """List every fault since the last clearing, including those used up."""
        return [one.describe() for one in self._set]

    def clear(self) -> None:
        """Remove all faults."""
        self._set.clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Which values a field accepts, and the words for them in an error."""

    accepts: Callable[[Any], bool]
    wanted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The required fields of a kind of fault, and the optional ones besides its count."""

    needs: frozenset[str] = field(default=frozenset())
    takes: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultSchema:
    """The faults of an emulator: its kinds, and its fields besides `kind` and `count`."""

    kinds: Mapping[str, Kind]
    fields: Mapping[str, Check]

    def read(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Check the fields of a fault and return them; raise ValueError if they are invalid.

        A null field counts as missing.
        """
        given = {name: value for name, value in body.items() if value is not None}
        checks = {**self.fields, "count": _COUNT}
        known = ["kind", *checks]
        unknown = sorted(given.keys() - known)
        if unknown:
            message = f"unknown field {unknown[0]!r}; known are {', '.join(sorted(known))}"
            raise ValueError(message)
        kind = given.get("kind")
        if not isinstance(kind, str) or kind not in self.kinds:
            message = f"unknown kind {kind!r}; known are {', '.join(self.kinds)}"
            raise ValueError(message)
        for name, value in given.items():
            if name != "kind" and not checks[name].accepts(value):
                _refuse(name, checks[name].wanted)
        _check_fit(self.kinds[kind], given)
        return given


def _check_fit(kind: Kind, given: Mapping[str, Any]) -> None:
    for name in sorted(kind.needs):
        if not given.get(name):
            _refuse(name, f"given for {given['kind']}")
    for name in sorted(given.keys() - kind.needs - kind.takes - {"kind", "count"}):
        _refuse(name, f"left out for {given['kind']}")


def _refuse(name: str, wanted: str) -> None:
    message = f"{name!r} has to be {wanted}"
    raise ValueError(message)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_seconds(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= float(value) < _DAY_SECONDS  # type: ignore[arg-type]  # is a number


_DAY_SECONDS = 86_400
_COUNT = Check(accepts=_is_count, wanted="a whole number from 1")
TEXT = Check(accepts=_is_text, wanted="a string")
FLAG = Check(accepts=_is_flag, wanted="true or false")
SECONDS = Check(accepts=_is_seconds, wanted="a number that is not negative and below a day")

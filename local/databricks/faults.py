"""Faults that a test asks for: what is to go wrong, for which requests or runs, and how often."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

OF_CALLS = ("too-many-requests", "unavailable", "reply_lost", "delay")
OF_RUNS = ("slow_run", "failing_run")
KINDS = (*OF_CALLS, *OF_RUNS)
_FIELDS = frozenset(("kind", "operation", "count", "seconds", "message"))
_NEEDING_SECONDS = ("delay", "slow_run")
_TAKING_SECONDS = (*_NEEDING_SECONDS, "too-many-requests", "unavailable")


class FaultError(ValueError):
    """A fault that cannot be set, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing to go wrong, for the next `count` requests or runs that it matches."""

    kind: str
    operation: str | None = None
    count: int = 1
    seconds: float = 1.0
    message: str = "RuntimeError: injected by the control endpoint"

    @property
    def retry_after(self) -> int:
        """What the client is told to wait for, in whole seconds."""
        return math.ceil(self.seconds)

    def matches(self, method: str, path: str) -> bool:
        """Say whether the request is one that this fault is for."""
        if self.kind in OF_RUNS or (self.kind == "reply_lost" and method == "GET"):
            return False
        return self.operation is None or path.endswith(f"/{self.operation.lstrip('/')}")


def parse_fault(body: object) -> Fault:
    """Read a fault from the control endpoint's JSON."""
    if not isinstance(body, dict):
        message = "a fault is a JSON object"
        raise FaultError(message)
    unknown = sorted(set(body) - _FIELDS)
    if unknown:
        message = f"unknown field {unknown[0]!r}; known are {', '.join(sorted(_FIELDS))}"
        raise FaultError(message)
    if body.get("kind") not in KINDS:
        message = f"unknown kind {body.get('kind')!r}; known are {', '.join(KINDS)}"
        raise FaultError(message)
    _check_types(body)
    _check_fit(body)
    return Fault(**body)


def _check_types(body: Mapping[str, Any]) -> None:
    for name in ("operation", "message"):
        if not isinstance(body.get(name, ""), str):
            _refuse(name, "a string")
    count, seconds = body.get("count", 1), body.get("seconds", 0)
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        _refuse("count", "a whole number from 1")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        _refuse("seconds", "a number that is not negative")


def _check_fit(body: Mapping[str, Any]) -> None:
    kind = body["kind"]
    if kind in _NEEDING_SECONDS and not body.get("seconds"):
        _refuse("seconds", f"given for {kind}")
    if kind not in _TAKING_SECONDS and "seconds" in body:
        _refuse("seconds", f"left out for {kind}")
    if kind in OF_RUNS and "operation" in body:
        _refuse("operation", f"left out for {kind}")
    if kind != "failing_run" and "message" in body:
        _refuse("message", f"left out for {kind}")


def _refuse(name: str, wanted: str) -> None:
    message = f"{name!r} has to be {wanted}"
    raise FaultError(message)


@dataclass(slots=True, kw_only=True)
class SetFault:
    """A fault as it stands: how often it has fired."""

    number: int
    fault: Fault
    fired: int = 0

    @property
    def is_left(self) -> bool:
        """Whether it can fire again."""
        return self.fired < self.fault.count

    def describe(self) -> dict[str, Any]:
        """Write it for the control endpoint."""
        remaining = self.fault.count - self.fired
        described = {"id": self.number, **asdict(self.fault)}
        return {**described, "fired": self.fired, "remaining": remaining}


class Faults:
    """The faults that are set; used from the event loop alone."""

    def __init__(self) -> None:
        """Start without faults."""
        self._set: list[SetFault] = []
        self._numbers = 0

    def add(self, fault: Fault) -> SetFault:
        """Set a fault."""
        self._numbers += 1
        added = SetFault(number=self._numbers, fault=fault)
        self._set.append(added)
        return added

    def take_call(self, method: str, path: str) -> Fault | None:
        """Find the first fault for a request, and count that it fired."""
        return self._take([one for one in self._set if one.fault.matches(method, path)])

    def take_run(self, kind: str) -> Fault | None:
        """Find the first fault of a kind for a run, and count that it fired."""
        return self._take([one for one in self._set if one.fault.kind == kind])

    def list(self) -> "list[SetFault]":
        """List every fault since the last clearing, those that are used up too."""
        return [*self._set]

    def clear(self) -> None:
        """Remove all faults."""
        self._set.clear()

    def _take(self, matching: Sequence[SetFault]) -> Fault | None:
        found = next((one for one in matching if one.is_left), None)
        if found is None:
            return None
        found.fired += 1
        return found.fault

"""Faults that a test asks for: what is to go wrong, for which requests, and how often."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from local.lake.listing import Snapshot

KINDS = ("unavailable", "timeout", "reply_lost", "delay", "stale_listing")
_WRITES = ("PUT", "PATCH", "DELETE")
_FIELDS = frozenset(("kind", "method", "operation", "path", "count", "seconds", "close"))


class FaultError(ValueError):
    """A fault that cannot be set, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing to go wrong, for the next `count` requests that it matches."""

    kind: str
    method: str | None = None
    operation: str | None = None
    path: str | None = None
    count: int = 1
    seconds: float = 0.0
    close: bool = False

    def matches(self, method: str, operation: str, path: str) -> bool:
        """Say whether the request is one that this fault is for."""
        if self.kind == "reply_lost" and method not in _WRITES:
            return False
        if self.kind == "stale_listing" and operation != "list_paths":
            return False
        return (
            self.method in (None, method)
            and self.operation in (None, operation)
            and (self.path is None or re.match(self.path, path) is not None)
        )


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
    fault = Fault(**body)
    _check_fit(fault)
    return fault


def _check_types(body: Mapping[str, Any]) -> None:
    for name in ("method", "operation", "path"):
        if not isinstance(body.get(name, ""), str):
            _refuse(name, "a string")
    count, seconds = body.get("count", 1), body.get("seconds", 0)
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        _refuse("count", "a whole number from 1")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        _refuse("seconds", "a number that is not negative")
    if not isinstance(body.get("close", False), bool):
        _refuse("close", "true or false")
    try:
        re.compile(body.get("path", ""))
    except re.error:
        _refuse("path", "a regular expression that is matched from the start")


def _check_fit(fault: Fault) -> None:
    if fault.kind in ("timeout", "delay") and not fault.seconds:
        _refuse("seconds", f"given for {fault.kind}")
    if fault.kind not in ("timeout", "delay") and fault.seconds:
        _refuse("seconds", f"left out for {fault.kind}")
    if fault.kind != "timeout" and fault.close:
        _refuse("close", f"left out for {fault.kind}")


def _refuse(name: str, wanted: str) -> None:
    message = f"{name!r} has to be {wanted}"
    raise FaultError(message)


@dataclass(slots=True, kw_only=True)
class SetFault:
    """A fault as it stands: how often it has fired, and what its listings show."""

    number: int
    fault: Fault
    snapshot: Snapshot | None = None
    fired: int = 0

    def describe(self) -> dict[str, Any]:
        """Write it for the control endpoint."""
        remaining = self.fault.count - self.fired
        return {
            "id": self.number,
            **asdict(self.fault),
            "fired": self.fired,
            "remaining": remaining,
        }


class Faults:
    """The faults that are set; used from the event loop alone."""

    def __init__(self) -> None:
        """Start without faults."""
        self._set: list[SetFault] = []
        self._numbers = 0

    def add(self, fault: Fault, snapshot: Snapshot | None = None) -> SetFault:
        """Set a fault."""
        self._numbers += 1
        added = SetFault(number=self._numbers, fault=fault, snapshot=snapshot)
        self._set.append(added)
        return added

    def take(self, method: str, operation: str, path: str) -> SetFault | None:
        """Find the first fault for a request, and count that it fired."""
        for one in self._set:
            if one.fired < one.fault.count and one.fault.matches(method, operation, path):
                one.fired += 1
                return one
        return None

    def list(self) -> "list[SetFault]":
        """List every fault since the last clearing, those that are used up too."""
        return [*self._set]

    def clear(self) -> None:
        """Remove all faults."""
        self._set.clear()

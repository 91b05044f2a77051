"""The faults of the lake: which failure, and for which requests.

A fault is `{"kind": ..., "method"?, "operation"?, "path"?, "count"?, "seconds"?, "close"?}`:

- `unavailable`: does nothing and answers 503 ServerBusy;
- `timeout`: does nothing, waits for `seconds`, then answers 500 OperationTimedOut, or hangs up if
  `close` is set;
- `reply_lost`: does the write, then hangs up without a reply;
- `delay`: waits for `seconds`, then answers normally;
- `stale_listing`: path listings show the state at the time when the fault was set.

`path` is a regular expression, matched from the start of `/<filesystem>/<path>` (the target of a
rename, the directory of a listing), so plain text is a prefix. `operation` is the name of a method
of `handlers.Handlers` (`create_file`, `append`, `flush`, `rename`, `delete`, `read`, ...). A fault
fires for the next `count` requests that match, one by default. Only authenticated requests count;
the oldest fault that matches fires.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.kit.faults import FLAG, SECONDS, TEXT, Check, FaultSchema, Kind
from local.lake.filesystems import list_filesystems
from local.lake.listing import Snapshot
from local.lake.store import Store

_WRITES = ("PUT", "PATCH", "DELETE")
_WHERE = frozenset(("method", "operation", "path"))
_SECONDS = frozenset(("seconds",))


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
    snapshot: Snapshot | None = field(default=None, repr=False)

    def matches(self, method: str, operation: str, path: str) -> bool:
        """Say whether this fault applies to the request."""
        if self.kind == "reply_lost" and method not in _WRITES:
            return False
        if self.kind == "stale_listing" and operation != "list_paths":
            return False
        return (
            self.method in (None, method)
            and self.operation in (None, operation)
            and (self.path is None or re.match(self.path, path) is not None)
        )


def _is_pattern(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        re.compile(value)
    except re.error:
        return False
    return True


_SCHEMA = FaultSchema(
    kinds={
        "unavailable": Kind(takes=_WHERE),
        "timeout": Kind(needs=_SECONDS, takes=_WHERE | {"close"}),
        "reply_lost": Kind(takes=_WHERE),
        "delay": Kind(needs=_SECONDS, takes=_WHERE),
        "stale_listing": Kind(takes=_WHERE),
    },
    fields={
        "method": TEXT,
        "operation": TEXT,
        "path": Check(
            accepts=_is_pattern, wanted="a regular expression that is matched from the start"
        ),
        "seconds": SECONDS,
        "close": FLAG,
    },
)


def parse_fault(store: Store, body: Mapping[str, Any]) -> Fault:
    """Read a fault; raise ValueError if it is invalid."""
    given = _SCHEMA.read(body)
    if given["kind"] != "stale_listing":
        return Fault(**given)
    names = [one.name for one in list_filesystems(store, "")]
    return Fault(**given, snapshot=Snapshot(store, names))

"""The faults of the runner: what goes wrong, and for which calls or runs.

A fault is `{"kind": ..., "operation"?, "count"?, "seconds"?, "message"?}`. Faults of calls:

- `too-many-requests`: 429 RESOURCE_EXHAUSTED with Retry-After, and nothing is done;
- `unavailable`: 503 TEMPORARILY_UNAVAILABLE with Retry-After, and nothing is done;
- `reply_lost`: a POST takes effect, then the connection closes without a reply;
- `delay`: waits for `seconds`, then answers normally.

`operation` is the end of a call's path (`jobs/runs/submit`, `runs/get`); without it, any call.
`seconds` is the value of Retry-After, in whole seconds, by default 1. Faults of runs:

- `slow_run`: the next attempt is RUNNING for `seconds` before its script starts;
- `failing_run`: the next attempt fails, with `message` as its error, instead of running its script;
- `no_capacity`: the next attempt ends as if the cloud had no machine for its cluster.

A fault fires for the next `count` requests or attempts that match, by default one. Only requests
that are authenticated and known count; of several matching faults, the oldest fires.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.kit.faults import SECONDS, TEXT, FaultSchema, Kind

SLOW_RUN, FAILING_RUN, NO_CAPACITY = "slow_run", "failing_run", "no_capacity"
_SECONDS, _OPERATION = frozenset(("seconds",)), frozenset(("operation",))
_SCHEMA = FaultSchema(
    kinds={
        "too-many-requests": Kind(takes=_OPERATION | _SECONDS),
        "unavailable": Kind(takes=_OPERATION | _SECONDS),
        "reply_lost": Kind(takes=_OPERATION),
        "delay": Kind(needs=_SECONDS, takes=_OPERATION),
        SLOW_RUN: Kind(needs=_SECONDS),
        FAILING_RUN: Kind(takes=frozenset(("message",))),
        NO_CAPACITY: Kind(),
    },
    fields={"operation": TEXT, "message": TEXT, "seconds": SECONDS},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault, for the next `count` requests or runs that it matches."""

    kind: str
    operation: str | None = None
    count: int = 1
    seconds: float = 1.0
    message: str = "RuntimeError: injected by the control endpoint"

    @property
    def retry_after(self) -> int:
        """The client's waiting time in Retry-After, in whole seconds."""
        return math.ceil(self.seconds)

    def is_for_call(self, method: str, path: str) -> bool:
        """Say whether this fault applies to the request."""
        is_of_runs = self.kind in (SLOW_RUN, FAILING_RUN, NO_CAPACITY)
        if is_of_runs or (self.kind == "reply_lost" and method == "GET"):
            return False
        return self.operation is None or path.endswith(f"/{self.operation.lstrip('/')}")


def parse_fault(body: Mapping[str, Any]) -> Fault:
    """Read a fault; raises ValueError if it is not valid."""
    return Fault(**_SCHEMA.read(body))

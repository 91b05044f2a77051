"""The faults of the runner: what goes wrong, and for which calls or runs.

A fault is `{"kind": ..., "operation"?, "count"?, "seconds"?, "message"?}`. Of calls:

- `too-many-requests`: 429 RESOURCE_EXHAUSTED with Retry-After, and nothing is done;
- `unavailable`: 503 TEMPORARILY_UNAVAILABLE with Retry-After, and nothing is done;
- `reply_lost`: what a POST asks for is done, then it hangs up without a reply;
- `delay`: waits for `seconds`, then answers as it should.

`operation` is the end of a call's path (`jobs/runs/submit`, `runs/get`); any call if not given.
`seconds` is what Retry-After says, in whole seconds, 1 if not given. Of runs:

- `slow_run`: the next attempt is RUNNING for `seconds` before its script starts;
- `failing_run`: the next attempt fails, with `message` as its error, instead of running its script;
- `no_capacity`: the next attempt ends as it does where the cloud has no machine for its cluster.

A fault fires for the next `count` requests or attempts that match, one if not given. Faults count a
request once it is authenticated and known; the oldest that matches fires.
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

    def is_for_call(self, method: str, path: str) -> bool:
        """Say whether the request is one that this fault is for."""
        is_of_runs = self.kind in (SLOW_RUN, FAILING_RUN, NO_CAPACITY)
        if is_of_runs or (self.kind == "reply_lost" and method == "GET"):
            return False
        return self.operation is None or path.endswith(f"/{self.operation.lstrip('/')}")


def parse_fault(body: Mapping[str, Any]) -> Fault:
    """Read a fault; raise ValueError if it makes no sense."""
    return Fault(**_SCHEMA.read(body))

"""The faults of the hub: what goes wrong, and on which sends and deliveries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.kit.faults import SECONDS, TEXT, Check, FaultSchema, Kind

SEND, DELIVERY = "send", "delivery"
_SENDS_ONLY = frozenset(("server-busy", "drop-before-store", "drop-after-store"))
_WHERE = frozenset(("hub", "partition", "on"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing to go wrong; None in ``hub``, ``partition`` or ``on`` matches any."""

    kind: str
    hub: str | None = None
    partition: str | None = None
    on: str | None = None
    count: int = 1
    seconds: float = 0.0

    def matches(self, on: str, hub: str, partition_id: str) -> bool:
        """Say whether the fault applies here."""
        return (
            self.on in (None, on)
            and (self.hub is None or self.hub.casefold() == hub.casefold())
            and self.partition in (None, partition_id)
        )


def _is_partition(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


_SCHEMA = FaultSchema(
    kinds={
        **{kind: Kind(takes=_WHERE) for kind in (*sorted(_SENDS_ONLY), "detach")},
        "delay": Kind(needs=frozenset(("seconds",)), takes=_WHERE),
    },
    fields={
        "hub": TEXT,
        "partition": Check(accepts=_is_partition, wanted="a partition's number"),
        "on": Check(accepts=(SEND, DELIVERY).__contains__, wanted=f"'{SEND}' or '{DELIVERY}'"),
        "seconds": SECONDS,
    },
)


def parse_fault(body: Mapping[str, Any]) -> Fault:
    """Read a fault; raise ValueError if it is invalid."""
    given = _SCHEMA.read(body)
    if given["kind"] in _SENDS_ONLY and given.setdefault("on", SEND) != SEND:
        message = f"'{given['kind']}' is for sends only"
        raise ValueError(message)
    if "partition" in given:
        given["partition"] = str(given["partition"])
    return Fault(**given)

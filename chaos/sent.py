"""What was sent: every event has a number in its body, and we know whether it is good or bad."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from producer.bad_events import BadEvents
from producer.stream import OutgoingEvent
from producer.telemetry import synthesize_telemetry
from shared.contracts.contract import Contract
from shared.values.json_body import JSON_CONTENT_TYPE, encode_json

ID = re.compile(rb"[0-9a-f]{8}-0000-4000-8000-([0-9a-f]{12})")


def event_id(seed: int, number: int) -> str:
    """An event's id: its number, as a UUID."""
    return f"{seed & 0xFFFFFFFF:08x}-0000-4000-8000-{number:012x}"


def number_of(body: bytes) -> int | None:
    """The number in a body."""
    found = ID.search(body)
    return int(found[1], 16) if found else None


@dataclass(slots=True, kw_only=True)
class Sent:
    """Why each bad event is bad, by its number, and which events were not acknowledged."""

    count: int = 0
    reasons: dict[int, str] = field(default_factory=dict)
    unacknowledged: set[int] = field(default_factory=set)


class EventSource:
    """Makes numbered events, some of them bad at a fixed interval, and records them."""

    def __init__(self, contract: Contract, seed: int, bad_every: int) -> None:
        """Start with number 0."""
        self.sent = Sent()
        self._contract, self._seed, self._bad_every = contract, seed, bad_every
        self._values, self._bad = synthesize_telemetry(seed), BadEvents(contract)

    def events(self, goes_on: Callable[[], bool]) -> Iterator[OutgoingEvent]:
        """Make events while `goes_on` is true; the numbers continue from call to call."""
        while goes_on():
            yield self._next()

    def _next(self) -> OutgoingEvent:
        number = self.sent.count
        identity = event_id(self._seed, number)
        value = {**next(self._values), "event_id": identity}
        self.sent.count += 1
        if number % self._bad_every:
            return self._event(
                number, encode_json(value), JSON_CONTENT_TYPE, str(self._contract.id)
            )
        bad = self._bad.next(value)
        while identity.encode() not in bad.body:
            bad = self._bad.next(value)
        self.sent.reasons[number] = bad.reason.value
        return self._event(number, bad.body, bad.content_type, bad.contract)

    @staticmethod
    def _event(number: int, body: bytes, content_type: str, contract: str) -> OutgoingEvent:
        return OutgoingEvent(
            index=number,
            body=body,
            content_type=content_type,
            contract=contract,
            partition_key=None,
        )

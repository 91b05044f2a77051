"""A hub of one partition, as far as the ledger can tell: numbers, times, retention, re-creation."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from shared.hub.events import Event, EventBatch
from shared.ledger.generations import HubWitness
from tests.builders import START, an_address

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A batch in an owner's memory, and which making of the hub it is really of."""

    making: int
    batch: EventBatch


@dataclass
class Making:
    """The hub between one creation and its deletion; `begin` is what retention has left."""

    created_at: datetime
    events: list[Event] = field(default_factory=list)
    begin: int = 0


class ModelHub:
    """Each event's body is unique, so that a test knows it again whatever number it got.

    Every send and every creation has a microsecond of its own: two makings never give the same
    number the same time, however the clock is set.
    """

    def __init__(self) -> None:
        self.now = self.latest = START
        self.has_stepped_back = False
        self.sent = 0
        self._stamps = count(1)
        self.makings = [Making(created_at=self._stamp())]

    @property
    def current(self) -> Making:
        return self.makings[-1]

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.latest = max(self.latest, self.now)

    def step_back(self) -> None:
        """Set the clock back, to an hour before the latest that it ever showed."""
        self.now, self.has_stepped_back = min(self.now, self.latest - HOUR), True

    def send(self, amount: int, *, is_good: bool = True) -> None:
        enqueued_at = self._stamp()
        for _ in range(amount):
            self.sent += 1
            body = json.dumps({"id": self.sent}) if is_good else f"bad {self.sent}"
            number = len(self.current.events)
            self.current.events.append(
                Event(sequence_number=number, enqueued_at=enqueued_at, body=body.encode())
            )

    def recreate(self) -> None:
        self.makings.append(Making(created_at=self._stamp()))

    def drop_before(self, begin: int) -> None:
        self.current.begin = max(self.current.begin, min(begin, len(self.current.events)))

    def read(self, first: int, most: int) -> Held | None:
        """The events from a number on, as far as the hub holds them."""
        first = max(first, self.current.begin)
        events = tuple(self.current.events[first : first + most])
        if not events:
            return None
        batch = EventBatch(address=an_address(), events=events)
        return Held(making=len(self.makings) - 1, batch=batch)

    def testify(self, batch: EventBatch) -> HubWitness:
        """What the hub itself says of a batch: what the lander asks it when in doubt."""
        first, making = batch.events[0], self.current
        is_gone = first.sequence_number < making.begin
        return HubWitness(
            hub_created_at=making.created_at,
            holds_first=None if is_gone else self._holds(first),
        )

    def _holds(self, event: Event) -> bool:
        at = event.sequence_number
        known = self.current.events[at : at + 1]
        return [other.enqueued_at for other in known] == [event.enqueued_at]

    def _stamp(self) -> datetime:
        return self.now + timedelta(microseconds=next(self._stamps))

"""A hub of one partition, as far as the ledger can tell: numbers, times, retention, re-creation."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from shared.events import Event, EventBatch
from tests.builders import START

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
        self.now = START
        self.sent = 0
        self._stamps = count(1)
        self.makings = [Making(created_at=self._stamp())]

    @property
    def current(self) -> Making:
        return self.makings[-1]

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def step_back(self) -> None:
        self.now -= HOUR

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
        batch = EventBatch(hub="hub", partition_id="0", events=events)
        return Held(making=len(self.makings) - 1, batch=batch)

    def _stamp(self) -> datetime:
        return self.now + timedelta(microseconds=next(self._stamps))

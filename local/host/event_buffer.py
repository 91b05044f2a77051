"""Batching of one partition's events: minimum and maximum size, and how long to wait."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar


class Positioned(Protocol):
    """An event with its position in its partition."""

    @property
    def sequence_number(self) -> int | None:
        """The event's number in the partition."""

    @property
    def enqueued_time(self) -> datetime | None:
        """When the hub accepted the event."""


Event = TypeVar("Event", bound=Positioned)


@dataclass(slots=True, kw_only=True)
class EventBuffer(Generic[Event]):
    """Holds events until a batch is due. Times are seconds of a monotonic clock."""

    minimum: int
    maximum: int
    wait_seconds: float
    _events: deque[Event] = field(default_factory=deque)
    _waiting_since: float | None = None
    _has_given: bool = False
    _last: Event | None = None

    def add(self, events: Sequence[Event], *, now: float) -> None:
        """Add received events and drop repeated ones.

        After a reconnection, the SDK may receive the tail of its own buffer again. A lower number
        with a later time is not a repetition: the hub was deleted and made again.
        """
        for event in events:
            if self._last is None or not _is_repetition(event, self._last):
                self._events.append(event)
                self._last = event
        if self._events and self._waiting_since is None:
            self._waiting_since = now

    def take(self, *, now: float) -> list[Event]:
        """Return the next batch that is due, or an empty list."""
        if not self._events:
            return []
        if len(self._events) < self.minimum and self._has_given and not self._is_overdue(now):
            return []
        batch = [self._events.popleft() for _ in range(min(self.maximum, len(self._events)))]
        self._waiting_since = now if self._events else None
        self._has_given = True
        return batch

    def _is_overdue(self, now: float) -> bool:
        return self._waiting_since is not None and now - self._waiting_since >= self.wait_seconds


def _is_repetition(event: Positioned, last: Positioned) -> bool:
    if event.sequence_number is None or last.sequence_number is None:
        return False
    if event.sequence_number > last.sequence_number:
        return False
    if event.enqueued_time is None or last.enqueued_time is None:
        return True
    return event.enqueued_time <= last.enqueued_time

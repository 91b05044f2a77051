"""What the hub hands over: events, batches of them, and ranges of sequence numbers."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, pairwise
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class SequenceRange:
    """Consecutive sequence numbers, both ends included."""

    first: int
    last: int

    def __post_init__(self) -> None:
        """Refuse an empty range."""
        if self.first > self.last:
            message = f"range {self.first}-{self.last} is empty"
            raise ValueError(message)

    def __contains__(self, sequence_number: int) -> bool:
        """Tell whether the range holds this sequence number."""
        return self.first <= sequence_number <= self.last

    @property
    def count(self) -> int:
        """How many sequence numbers the range holds."""
        return self.last - self.first + 1

    def intersection(self, other: "SequenceRange") -> "SequenceRange | None":
        """The numbers that both ranges hold, or None."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return SequenceRange(first=first, last=last) if first <= last else None

    def without(self, other: "SequenceRange") -> "tuple[SequenceRange, ...]":
        """The numbers of this range that the other does not hold: zero, one or two ranges."""
        left = (self.first, min(self.last, other.first - 1))
        right = (max(self.first, other.last + 1), self.last)
        parts = (left, right) if self.intersection(other) else ((self.first, self.last),)
        return tuple(SequenceRange(first=a, last=b) for a, b in parts if a <= b)


def consecutive_ranges(sequence_numbers: Iterable[int]) -> tuple[SequenceRange, ...]:
    """Fold increasing sequence numbers into ranges."""
    ranges: list[tuple[int, int]] = []
    for number in sequence_numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return tuple(SequenceRange(first=first, last=last) for first, last in ranges)


# A frozen dataclass takes four times as long to make, and each event makes one.
class Event(NamedTuple):
    """One event as the hub holds it; the body is never looked into here."""

    sequence_number: int
    enqueued_at: datetime
    body: bytes
    properties: Mapping[str, str] = MappingProxyType({})
    content_type: str | None = None
    partition_key: str | None = None


_number = attrgetter("sequence_number")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBatch:
    """The events of one partition that one invocation receives: never empty, in hub order."""

    hub: str
    partition_id: str
    events: tuple[Event, ...]

    def __post_init__(self) -> None:
        """Refuse what no hub delivers, since the ledger reasons by order."""
        numbers = [event.sequence_number for event in self.events]
        if not numbers or any(a >= b for a, b in pairwise(numbers)):
            message = f"{self.hub}/p{self.partition_id}: sequence numbers do not increase"
            raise ValueError(message)

    @property
    def first(self) -> int:
        """The lowest sequence number."""
        return self.events[0].sequence_number

    @property
    def last(self) -> int:
        """The highest sequence number."""
        return self.events[-1].sequence_number

    @property
    def ranges(self) -> tuple[SequenceRange, ...]:
        """The sequence numbers of the batch: one range unless the hub left some out."""
        if self.last - self.first + 1 == len(self.events):
            return (SequenceRange(first=self.first, last=self.last),)
        return consecutive_ranges(event.sequence_number for event in self.events)

    def select(self, ranges: Iterable[SequenceRange]) -> tuple[Event, ...]:
        """The batch's events within the given ranges, of which no two overlap, in order."""
        return tuple(chain.from_iterable(map(self._within, sorted(ranges))))

    def find(self, sequence_number: int) -> Event | None:
        """The batch's event of this number."""
        return next(
            iter(self._within(SequenceRange(first=sequence_number, last=sequence_number))), None
        )

    def _within(self, wanted: SequenceRange) -> tuple[Event, ...]:
        begin = bisect_left(self.events, wanted.first, key=_number)
        return self.events[begin : bisect_right(self.events, wanted.last, lo=begin, key=_number)]

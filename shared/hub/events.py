"""What the hub hands over: events, batches of them, and the port that reads them again."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, pairwise
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple, Protocol

from shared.hub.address import PartitionAddress
from shared.hub.sequence_range import SequenceRange, consecutive_ranges


# A frozen dataclass takes four times as long to create, and there is one per event.
class Event(NamedTuple):
    """One event as the hub holds it; nothing here looks into the body."""

    #: The hub's number for it, and our identity and order.
    sequence_number: int
    #: When it entered the hub, UTC.
    enqueued_at: datetime
    #: As it was sent.
    body: bytes
    #: The application properties, as text.
    properties: Mapping[str, str] = MappingProxyType({})
    #: What the sender says the body is.
    content_type: str | None = None
    #: What chose the partition, if the sender named a key.
    partition_key: str | None = None


_number = attrgetter("sequence_number")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBatch:
    """The events of one partition that one invocation receives: never empty, in hub order."""

    address: PartitionAddress
    events: tuple[Event, ...]

    def __post_init__(self) -> None:
        """Refuse numbers that do not increase: the ledger relies on their order."""
        numbers = [event.sequence_number for event in self.events]
        if not numbers or any(a >= b for a, b in pairwise(numbers)):
            message = f"{self.address}: sequence numbers do not increase"
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
        """The batch's events within the given ranges, in order; the ranges must not overlap."""
        return tuple(chain.from_iterable(map(self._within, sorted(ranges))))

    def find(self, sequence_number: int) -> Event | None:
        """The batch's event of this number."""
        return next(
            iter(self._within(SequenceRange(first=sequence_number, last=sequence_number))), None
        )

    def _within(self, wanted: SequenceRange) -> tuple[Event, ...]:
        begin = bisect_left(self.events, wanted.first, key=_number)
        return self.events[begin : bisect_right(self.events, wanted.last, lo=begin, key=_number)]


class EventReader(Protocol):
    """Reads one hub's events again. Raises DependencyUnavailableError."""

    def read_again(self, partition_id: str, wanted: SequenceRange) -> Sequence[Event]:
        """Read what the hub still holds of a range, in order; may return a part, or nothing."""

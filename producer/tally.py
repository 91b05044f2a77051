"""The account of a run: every event taken from the source is acknowledged, refused or unsent."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from producer.stream import OutgoingEvent
from shared.hub.sequence_range import SequenceRange, consecutive_ranges


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBadEvent:
    """A known-bad event in the hub: its place among all events, and what it breaks."""

    index: int
    reason: str
    partition_id: str
    partition_key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedEvent:
    """An event that the hub does not take at all."""

    index: int
    body_bytes: int
    problem: str


@dataclass(slots=True, kw_only=True)
class SentTally:
    """Counts as a run goes on.

    A resend follows every failed attempt. Unless the hub clearly refused the batch, it may have
    stored it already: those events are possible duplicates.
    """

    #: Events taken from the source.
    taken: int = 0
    #: Events that the hub has acknowledged, by partition.
    per_partition: Counter[str] = field(default_factory=Counter)
    #: The bad ones among them, and why.
    bad_events: list[SentBadEvent] = field(default_factory=list)
    #: Events that the hub refused.
    refused: list[RefusedEvent] = field(default_factory=list)
    #: Events that were taken, and are not accounted for yet.
    open: dict[int, OutgoingEvent] = field(default_factory=dict)
    #: How often the hub asked to wait.
    throttled_count: int = 0
    #: Batches that were sent again.
    resent_batches: int = 0
    #: The events in them.
    resent_events: int = 0
    #: Events that the hub may have stored twice.
    possible_duplicates: int = 0

    @property
    def sent(self) -> int:
        """How many events the hub has acknowledged."""
        return self.per_partition.total()

    @property
    def unsent(self) -> tuple[SequenceRange, ...]:
        """The events, by index, that were taken from the source but are not known to be sent."""
        return consecutive_ranges(sorted(self.open))

    def take(self, events: Iterable[OutgoingEvent]) -> None:
        """Note events as taken from the source."""
        for event in events:
            self.open[event.index] = event
            self.taken += 1

    def acknowledge(self, partition_id: str, events: Sequence[OutgoingEvent]) -> None:
        """Note events as stored by the hub."""
        self.per_partition[partition_id] += len(events)
        for event in events:
            del self.open[event.index]
            if event.known_bad is not None:
                bad = SentBadEvent(
                    index=event.index,
                    reason=event.known_bad.value,
                    partition_id=partition_id,
                    partition_key=event.partition_key,
                )
                self.bad_events.append(bad)

    def refuse(self, event: OutgoingEvent, problem: str) -> None:
        """Note an event as one that the hub never takes."""
        del self.open[event.index]
        size = len(event.body)
        self.refused.append(RefusedEvent(index=event.index, body_bytes=size, problem=problem))

    def resend(self, event_count: int, *, throttled: bool) -> None:
        """Note that a batch is sent once more."""
        self.resent_batches += 1
        self.resent_events += event_count
        if not throttled:
            self.possible_duplicates += event_count

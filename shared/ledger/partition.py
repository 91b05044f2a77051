"""What the ledger knows of a partition: values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from shared.hub.address import GenerationAddress, PartitionAddress
from shared.hub.sequence_range import SequenceRange
from shared.ledger.batch import Counts


class GapState(StrEnum):
    """A gap is open until it is filled, or lost when the hub no longer holds it.

    An acknowledged gap is a lost one that a person has seen.
    """

    OPEN = "open"
    LOST = "lost"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Sequence numbers below the head that are not committed."""

    range: SequenceRange
    state: GapState
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One generation of a partition: the sequence numbers [start, head), and its gaps."""

    #: How often the hub had been deleted and made again before it.
    number: int
    start: int
    head: int
    #: When the newest committed event entered the hub; None before the first commit.
    head_enqueued_at: datetime | None = None
    gaps: tuple[Gap, ...] = ()
    #: Deliveries of events that were committed already.
    duplicates: int = 0
    #: By contract (`name/version`); empty where the contract is unknown.
    counts: Mapping[str, Counts] = field(default_factory=dict)
    #: The enqueued times of all that is committed lie between these two. The newest event's time
    #: is not always the latest: the hub's clock may have been set back.
    earliest_enqueued_at: datetime | None = None
    latest_enqueued_at: datetime | None = None
    #: When the hub was made, as it says itself; None where nobody has asked it.
    hub_created_at: datetime | None = None
    #: Files that a redrive is about to commit. They are not orphans, though their numbers are
    #: committed already.
    redriving: tuple[str, ...] = ()
    #: The highest number that the hub was seen to hold beyond the head.
    last_enqueued: int = -1

    @property
    def total(self) -> Counts:
        """The counts of all contracts together."""
        return sum(self.counts.values(), Counts())

    def in_gaps(self, state: GapState) -> int:
        """How many sequence numbers are in gaps of this state."""
        return sum(gap.range.count for gap in self.gaps if gap.state is state)

    @property
    def lost(self) -> int:
        """How many sequence numbers are lost, acknowledged or not."""
        return self.in_gaps(GapState.LOST) + self.in_gaps(GapState.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """A partition: its current generation, and those that ended, in order."""

    address: PartitionAddress
    current: Generation
    ended: tuple[Generation, ...] = ()
    #: The commits of all generations. A commit's number is its place in their order.
    commits: int = 0

    @property
    def generations(self) -> tuple[Generation, ...]:
        """All generations, in order."""
        return (*self.ended, self.current)

    def find_generation(self, number: int) -> Generation | None:
        """The generation of this number; None where the ledger has none."""
        return next((known for known in self.generations if known.number == number), None)

    def place(self, generation: Generation) -> GenerationAddress:
        """The address of one of its generations."""
        return GenerationAddress(partition=self.address, generation=generation.number)

    def with_generation(self, changed: Generation) -> "Partition":
        """The partition with one of its generations changed."""
        if changed.number == self.current.number:
            return replace(self, current=changed)
        ended = (changed if known.number == changed.number else known for known in self.ended)
        return replace(self, ended=tuple(ended))

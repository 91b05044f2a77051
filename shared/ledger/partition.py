"""What the ledger knows of a partition: values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.hub.sequence_range import SequenceRange
from shared.ledger.counts import Counts


class GapState(StrEnum):
    """A gap is open until it is filled, or lost when the hub no longer holds it.

    An acknowledged one is lost too, and a person has seen it.
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
class PartitionState:
    """What the ledger knows of one generation of a partition: [start, head) and its gaps.

    `commits` counts the commits of all generations, which tells the order in which they were
    made. `counts` is by contract (`name/version`, or empty where the contract is unknown);
    `head_enqueued_at` is the enqueued time of the newest committed event, None before the first;
    `earliest_enqueued_at` and `latest_enqueued_at` bound those of all that are committed, which is
    not the same where the hub's clock was set back. `hub_created_at` is the hub's own word for
    when it was made, None where it was not asked; `ended` are the generations before. `redriving`
    are files that a redrive is about to commit: no orphans, though their numbers are committed.
    `last_enqueued` is the highest number that the hub was seen to hold beyond the head.
    """

    hub: str
    partition_id: str
    generation: int
    start: int
    head: int
    head_enqueued_at: datetime | None = None
    gaps: tuple[Gap, ...] = ()
    duplicates: int = 0
    commits: int = 0
    counts: Mapping[str, Counts] = field(default_factory=dict)
    earliest_enqueued_at: datetime | None = None
    latest_enqueued_at: datetime | None = None
    hub_created_at: datetime | None = None
    ended: "tuple[PartitionState, ...]" = ()
    redriving: tuple[str, ...] = ()
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

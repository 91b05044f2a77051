"""A committed batch: its ranges, its files and its counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.hub.address import GenerationAddress, PartitionAddress
from shared.hub.sequence_range import SequenceRange


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many events ended how; `reasons` counts the quarantined by reason code."""

    landed: int = 0
    quarantined: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: "Counts") -> "Counts":
        """Add up two counts."""
        return Counts(
            landed=self.landed + other.landed,
            quarantined=self.quarantined + other.quarantined,
            reasons=_sum(self.reasons, other.reasons),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LandedFile:
    """One file of a committed batch; `contract` is empty for a quarantine file."""

    path: str
    contract: str
    records: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedBatch:
    """What one commit adds to a partition: its ranges, its files and its counts."""

    batch_id: str
    #: Counts the partition's commits, through all of its generations.
    number: int
    address: PartitionAddress
    generation: int
    #: Of a redrive: numbers that were quarantined before.
    ranges: tuple[SequenceRange, ...]
    #: Of a redrive: what has landed of its numbers, or stays quarantined for another reason.
    files: tuple[LandedFile, ...]
    #: By contract. Of a redrive: what changes, so what leaves the quarantine is negative.
    counts: Mapping[str, Counts]
    first_enqueued_at: datetime
    last_enqueued_at: datetime
    committed_at: datetime
    is_redrive: bool = False

    @property
    def place(self) -> GenerationAddress:
        """The generation that the batch belongs to."""
        return GenerationAddress(partition=self.address, generation=self.generation)

    @property
    def span(self) -> SequenceRange:
        """From its first number to its last, and all between them."""
        return SequenceRange(first=self.ranges[0].first, last=self.ranges[-1].last)


def merge_counts(mine: Mapping[str, Counts], theirs: Mapping[str, Counts]) -> dict[str, Counts]:
    """Add up counts by contract."""
    names = sorted({*mine, *theirs})
    return {name: mine.get(name, Counts()) + theirs.get(name, Counts()) for name in names}


def without_zeros(counts: Mapping[str, Counts]) -> dict[str, Counts]:
    """Leave out what adds up to nothing."""
    cleared = {
        name: replace(count, reasons={code: n for code, n in count.reasons.items() if n})
        for name, count in counts.items()
    }
    return {name: count for name, count in cleared.items() if count != Counts()}


def _sum(mine: Mapping[str, int], theirs: Mapping[str, int]) -> dict[str, int]:
    return {key: mine.get(key, 0) + theirs.get(key, 0) for key in sorted({*mine, *theirs})}

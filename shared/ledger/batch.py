"""A committed batch, and its files."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.hub.address import GenerationAddress, PartitionAddress
from shared.hub.sequence_range import SequenceRange
from shared.ledger.counts import Counts


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

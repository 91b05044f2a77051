"""A committed batch, and its files."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

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
    """What one commit adds to a partition: its ranges, its files and its counts.

    A redrive's ranges are numbers that were quarantined before. Its files hold them landed, or
    quarantined for another reason, and its counts are what changes by that: what leaves the
    quarantine is negative.
    """

    batch_id: str
    number: int
    hub: str
    partition_id: str
    generation: int
    ranges: tuple[SequenceRange, ...]
    files: tuple[LandedFile, ...]
    counts: Mapping[str, Counts]
    first_enqueued_at: datetime
    last_enqueued_at: datetime
    committed_at: datetime
    is_redrive: bool = False

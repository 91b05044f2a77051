"""What the hub says about itself, and the port that asks it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.hub.address import PartitionAddress
from shared.hub.sequence_range import SequenceRange


@dataclass(frozen=True, slots=True, kw_only=True)
class HubPartition:
    """What the hub says about one of its partitions."""

    address: PartitionAddress
    #: The lowest number that the hub still holds.
    begin: int
    #: The highest number; -1 if no event ever entered it.
    last_enqueued: int
    last_enqueued_at: datetime
    #: When the hub was made, with all of its partitions.
    created_at: datetime

    @property
    def held(self) -> SequenceRange | None:
        """The numbers that the hub holds now, or None."""
        if self.last_enqueued < self.begin:
            return None
        return SequenceRange(first=self.begin, last=self.last_enqueued)


class HubReader(Protocol):
    """One hub's own properties. Raises DependencyUnavailableError where it does not answer."""

    def read_partitions(self) -> Sequence[HubPartition]:
        """Ask for every partition of the hub, in order."""

    def read_partition(self, partition_id: str) -> HubPartition:
        """Ask for one partition."""

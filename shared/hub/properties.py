"""What the hub says of itself, and the port that asks it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class HubPartition:
    """What the hub says of a partition; `last_enqueued` is -1 where nothing ever entered it.

    `created_at` is when the hub was made, with all of its partitions.
    """

    hub: str
    partition_id: str
    begin: int
    last_enqueued: int
    last_enqueued_at: datetime
    created_at: datetime


class HubReader(Protocol):
    """The hub's own properties. Raises DependencyUnavailableError when the hub does not answer."""

    def read_partitions(self) -> Sequence[HubPartition]:
        """Ask for every partition of the hub, in order."""

    def read_partition(self, partition_id: str) -> HubPartition:
        """Ask for one partition."""

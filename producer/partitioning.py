"""Which partition an event goes to, chosen here so that the totals per partition are exact.

It uses the hash that the service and the SDK's buffered producer use for a partition key, so a key
stays in its partition however it is sent. An event that is addressed to a partition cannot carry
its key as well.
"""

from collections.abc import Sequence
from functools import lru_cache

# The SDK has no public function for this; its version is pinned.
from azure.eventhub._buffered_producer._partition_resolver import PartitionResolver

from producer.stream import OutgoingEvent

KEYS_KEPT = 10_000


class Partitioner:
    """Chooses partitions: by the key's hash, or in turn for events without a key."""

    def __init__(self, partition_ids: Sequence[str]) -> None:
        """Choose among these."""
        self._partition_ids = partition_ids
        resolver = PartitionResolver(list(partition_ids))  # type: ignore[no-untyped-call]  # SDK
        self._by_key = lru_cache(KEYS_KEPT)(resolver.get_partition_id_by_partition_key)

    def choose(self, event: OutgoingEvent) -> str:
        """Choose the event's partition."""
        if event.partition_key is None:
            return self._partition_ids[event.index % len(self._partition_ids)]
        return str(self._by_key(event.partition_key))

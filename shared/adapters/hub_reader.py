"""The hub's own properties, through azure-eventhub."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from azure.core.credentials import TokenCredential
from azure.eventhub import EventHubConsumerClient
from azure.eventhub.exceptions import EventHubError

from shared.adapters.hub_client import hub_unavailable, open_client
from shared.hub.address import PartitionAddress
from shared.hub.properties import HubPartition
from shared.settings import Endpoint

READERS = 8


class EventHubReader:
    """Asks one hub for its partitions; implements HubReader.

    The SDK opens a connection for each question, so several are asked side by side.
    """

    def __init__(
        self, endpoint: Endpoint, hub: str, consumer_group: str, credential: TokenCredential
    ) -> None:
        """Keep what the client needs; does no I/O."""
        self._endpoint, self._hub, self._credential = endpoint, hub, credential
        self._consumer_group = consumer_group

    def read_partitions(self) -> Sequence[HubPartition]:
        """Ask for every partition."""
        with self._asking() as client, ThreadPoolExecutor(READERS) as pool:
            hub = client.get_eventhub_properties()
            partition_ids = sorted(hub["partition_ids"], key=int)
            answers = list(pool.map(client.get_partition_properties, partition_ids))
        return [self._partition(hub, answer) for answer in answers]

    def read_partition(self, partition_id: str) -> HubPartition:
        """Ask for one partition."""
        with self._asking() as client:
            hub = client.get_eventhub_properties()
            return self._partition(hub, client.get_partition_properties(partition_id))

    @contextmanager
    def _asking(self) -> Iterator[EventHubConsumerClient]:
        try:
            with self._client() as client:
                yield client
        except (EventHubError, OSError) as error:
            problem, hint = "did not answer", "see LANDFALL_EVENTHUBS"
            raise hub_unavailable(problem, error, hint, hub=self._hub) from error

    def _client(self) -> EventHubConsumerClient:
        return open_client(
            EventHubConsumerClient,
            self._endpoint,
            self._hub,
            self._consumer_group,
            self._credential,
        )

    def _partition(self, hub: dict[str, Any], answer: dict[str, Any]) -> HubPartition:
        return HubPartition(
            address=PartitionAddress(hub=self._hub, partition_id=answer["id"]),
            begin=answer["beginning_sequence_number"],
            last_enqueued=answer["last_enqueued_sequence_number"],
            last_enqueued_at=answer["last_enqueued_time_utc"],
            created_at=hub["created_at"],
        )

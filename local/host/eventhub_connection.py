"""Connections of Event Hubs triggers, from app settings to the SDK's clients."""

from dataclasses import dataclass

from azure.eventhub.aio import EventHubConsumerClient
from azure.eventhub.extensions.checkpointstoreblobaio import BlobCheckpointStore

from local.host.definitions import FunctionDefinition
from local.host.errors import SettingMissingError
from local.host.host_json import EventHubOptions
from local.host.settings import AppSettings
from local.host.storage import StorageConnection, default_credential

CHECKPOINT_CONTAINER = "azure-webjobs-eventhub"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventHubConnection:
    """How to connect to a hub: a connection string, or a namespace with an identity."""

    event_hub_name: str
    consumer_group: str
    connection_string: str | None = None
    fully_qualified_namespace: str | None = None

    def open(self, storage: StorageConnection, options: EventHubOptions) -> EventHubConsumerClient:
        """Return a client that keeps checkpoints and ownership in the host's storage."""
        store = _open_store(storage)
        interval = options.load_balancing_interval.total_seconds()
        expiry = options.ownership_expiration.total_seconds()
        if self.connection_string:
            return EventHubConsumerClient.from_connection_string(
                self.connection_string,
                self.consumer_group,
                eventhub_name=self.event_hub_name,
                checkpoint_store=store,
                load_balancing_interval=interval,
                partition_ownership_expiration_interval=expiry,
                load_balancing_strategy="greedy",
            )
        return EventHubConsumerClient(
            str(self.fully_qualified_namespace),
            self.event_hub_name,
            self.consumer_group,
            credential=default_credential(),
            checkpoint_store=store,
            load_balancing_interval=interval,
            partition_ownership_expiration_interval=expiry,
            load_balancing_strategy="greedy",
        )


def find_event_hub(function: FunctionDefinition, settings: AppSettings) -> EventHubConnection:
    """Resolve a trigger's hub and connection; raise SettingMissingError if one is missing."""
    name = str(function.trigger.get("connection") or "")
    hub = settings.resolve(str(function.trigger.get("eventHubName") or ""))
    group = settings.resolve(str(function.trigger.get("consumerGroup") or "$Default"))
    text = settings.connection(name)
    namespace = settings.connection_part(name, "fullyQualifiedNamespace")
    if not text and not namespace:
        msg = (
            f"EventHub account connection string with name '{name}' does not exist in the "
            "settings. Make sure that it is a defined App Setting."
        )
        raise SettingMissingError(msg)
    return EventHubConnection(
        event_hub_name=hub,
        consumer_group=group,
        connection_string=text,
        fully_qualified_namespace=namespace,
    )


def _open_store(storage: StorageConnection) -> BlobCheckpointStore:
    if storage.connection_string:
        return BlobCheckpointStore.from_connection_string(
            storage.connection_string, CHECKPOINT_CONTAINER
        )
    return BlobCheckpointStore(
        str(storage.blob_address), CHECKPOINT_CONTAINER, credential=default_credential()
    )

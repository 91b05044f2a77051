"""How the hub's clients are made, and how their errors become ours."""

from typing import Any, TypeVar

from azure.eventhub import EventHubConsumerClient
from azure.eventhub.aio import EventHubConsumerClient as AsyncEventHubConsumerClient

from shared.errors import Dependency, DependencyUnavailableError, first_line
from shared.settings import Endpoint

Client = TypeVar("Client", EventHubConsumerClient, AsyncEventHubConsumerClient)


def open_client(
    client: type[Client], endpoint: Endpoint, hub: str, consumer_group: str, credential: Any
) -> Client:
    """Make a client that tries once more and no longer; does no I/O.

    The credential is azure-identity's, of the client's own kind: with `await` or without.
    """
    options: dict[str, Any] = {"retry_total": 1, "eventhub_name": hub}
    if endpoint.is_connection_string:
        return client.from_connection_string(endpoint.value, consumer_group, **options)
    return client(endpoint.value, consumer_group=consumer_group, credential=credential, **options)


def hub_unavailable(problem: str, error: Exception, hint: str, **ids: object) -> Exception:
    """The error for a hub that does not do what it was asked for."""
    message = f"the hub {problem}: {first_line(error)}"
    return DependencyUnavailableError(message, dependency=Dependency.HUB, hint=hint, **ids)

"""Which hub to send to: an explicit one, the running local stack's, or the environment's."""

import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from azure.eventhub import parse_connection_string
from azure.eventhub.aio import EventHubProducerClient
from azure.eventhub.exceptions import EventHubError
from azure.identity.aio import DefaultAzureCredential

from producer.errors import UsageError

DEFAULT_STACK = Path(__file__).resolve().parent.parent / ".local" / "stack.json"
DEFAULT_HUB = "events"
CONNECTION = "LANDFALL_EVENTHUBS"
NAMESPACE = f"{CONNECTION}__fullyQualifiedNamespace"
HUB = "LANDFALL_HUB"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A hub, and either a connection string or a namespace to reach it with an identity."""

    hub: str
    namespace: str
    connection_string: str | None = field(default=None, repr=False)


def find_target(
    hub: str | None, connection_string: str | None, stack: Path | None, environ: Mapping[str, str]
) -> Target:
    """Find the target; raises UsageError if nothing says where to send.

    Without options, take the stack in .local if it runs, else the environment.
    """
    if connection_string is not None:
        return _target({CONNECTION: connection_string}, hub)
    settings = _stack_settings(stack) if stack else _running_settings(DEFAULT_STACK)
    return _target(environ if settings is None else settings, hub)


def _running_settings(stack: Path) -> Mapping[str, str] | None:
    if not stack.exists():
        return None
    document = _read_stack(stack)
    return _settings(document, stack) if document.get("processes", True) else None


def _stack_settings(stack: Path) -> Mapping[str, str]:
    return _settings(_read_stack(stack), stack)


def _read_stack(stack: Path) -> dict[str, Any]:
    try:
        document = json.loads(stack.read_bytes())
    except (OSError, ValueError) as error:
        message = f"{stack} is not a stack's file: {error}"
        raise UsageError(message) from error
    return document if isinstance(document, dict) else {}


def _settings(document: Mapping[str, Any], stack: Path) -> Mapping[str, str]:
    settings = document.get("settings")
    if not isinstance(settings, dict):
        message = f"{stack} has no settings: start the stack with `python -m local up`"
        raise UsageError(message)
    return settings


def _target(settings: Mapping[str, str], hub: str | None) -> Target:
    name = hub or settings.get(HUB)
    if connection_string := settings.get(CONNECTION):
        try:
            parsed = parse_connection_string(connection_string)
        except ValueError as error:
            message = f"the connection string cannot be used: {error}"
            raise UsageError(message) from error
        return Target(
            hub=name or parsed.eventhub_name or DEFAULT_HUB,
            namespace=parsed.fully_qualified_namespace,
            connection_string=connection_string,
        )
    if namespace := settings.get(NAMESPACE):
        return Target(hub=name or DEFAULT_HUB, namespace=namespace)
    message = f"no hub to send to: start a stack (`make up`), or set {CONNECTION} or {NAMESPACE}"
    raise UsageError(message)


class OneAttemptClient(EventHubProducerClient):
    """The SDK's client without the hidden second attempt of its `send_batch`.

    That attempt would store a batch twice if its acknowledgment is lost, and nobody would know.
    """

    async def _start_producer(self, partition_id: str, send_timeout: int | float | None) -> None:
        # The SDK calls this to open a link, and also to send again what has just failed.
        failure = sys.exception()
        if isinstance(failure, EventHubError):
            raise failure
        await super()._start_producer(partition_id, send_timeout)


@asynccontextmanager
async def open_client(target: Target) -> AsyncIterator[EventHubProducerClient]:
    """Open a client that tries each thing once: the sender decides whether to try again."""
    # The SDK sleeps for this factor even after its last try.
    once: dict[str, Any] = {"retry_total": 0, "retry_backoff_factor": 0.001}
    async with AsyncExitStack() as opened:
        if target.connection_string is not None:
            client: EventHubProducerClient = OneAttemptClient.from_connection_string(
                target.connection_string, eventhub_name=target.hub, **once
            )
        else:
            credential = await opened.enter_async_context(DefaultAzureCredential())
            client = OneAttemptClient(target.namespace, target.hub, credential, **once)
        yield await opened.enter_async_context(client)

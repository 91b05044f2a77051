"""What the stores in Azure Tables share: the client, and their errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from azure.core import MatchConditions
from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError
from azure.data.tables import TableServiceClient, UpdateMode

from shared.errors import Dependency, DependencyUnavailableError, first_line
from shared.settings import Endpoint

PATIENCE: dict[str, Any] = {"retry_total": 3, "connection_timeout": 5, "read_timeout": 30}
# The row changed since we read it (412), or already exists (409).
OVERTAKEN = (409, 412)
Operation = tuple[str, dict[str, Any], dict[str, Any]]


def open_tables(endpoint: Endpoint, credential: TokenCredential) -> TableServiceClient:
    """Make the client of the ledger's account; does no I/O."""
    if endpoint.is_connection_string:
        return TableServiceClient.from_connection_string(endpoint.value, **PATIENCE)
    return TableServiceClient(endpoint=endpoint.value, credential=credential, **PATIENCE)


def if_unchanged(etag: str, **options: Any) -> dict[str, Any]:
    """The options of an operation that fails if the row has changed since it was read."""
    return {"etag": etag, "match_condition": MatchConditions.IfNotModified, **options}


def replacing(etag: str) -> dict[str, Any]:
    """The options of an update that replaces the whole row, if it has not changed since."""
    return if_unchanged(etag, mode=UpdateMode.REPLACE)


@contextmanager
def translated(action: str, **ids: object) -> Iterator[None]:
    """Turn the SDK's errors into ours, with what was to be done and for which ids."""
    try:
        yield
    except AzureError as error:
        message = f"the ledger could not {action}: {first_line(error)}"
        raise DependencyUnavailableError(
            message,
            dependency=Dependency.LEDGER,
            hint="nothing is lost; the next try reads again",
            **ids,
        ) from error

"""AzureWebJobsStorage: the storage account for the host's own state."""

from dataclasses import dataclass

from azure.core.credentials_async import AsyncTokenCredential
from azure.identity.aio import DefaultAzureCredential
from azure.storage.blob.aio import BlobServiceClient
from azure.storage.queue.aio import QueueServiceClient

from local.host.errors import SettingMissingError
from local.host.settings import AppSettings

HOSTS_CONTAINER = "azure-webjobs-hosts"
# The emulator's account and key are public; the Python SDKs do not know the short form.
_DEVELOPMENT = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
    "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/"
    "KBHBeksoGMGw==;BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;"
    "QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;"
    "TableEndpoint=http://127.0.0.1:10002/devstoreaccount1;"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageConnection:
    """How to reach a storage account: a connection string, or addresses with an identity."""

    connection_string: str | None = None
    blob_address: str | None = None
    queue_address: str | None = None

    def blob_service(self) -> BlobServiceClient:
        """Return a client of the account's blobs."""
        if self.connection_string:
            return BlobServiceClient.from_connection_string(self.connection_string)
        return BlobServiceClient(str(self.blob_address), credential=default_credential())

    def queue_service(self) -> QueueServiceClient:
        """Return a client of the account's queues."""
        if self.connection_string:
            return QueueServiceClient.from_connection_string(self.connection_string)
        return QueueServiceClient(str(self.queue_address), credential=default_credential())


def default_credential() -> AsyncTokenCredential:
    """Return the identity of the user who runs the host."""
    return DefaultAzureCredential()


def find_storage(settings: AppSettings, name: str) -> StorageConnection:
    """Find a storage connection by its name in a binding."""
    if value := settings.connection(name):
        expanded = _DEVELOPMENT if value.rstrip(";") == "UseDevelopmentStorage=true" else value
        return StorageConnection(connection_string=expanded)
    account = settings.connection_part(name, "accountName")
    blob = settings.connection_part(name, "blobServiceUri") or _address(account, "blob")
    if blob is None:
        msg = f"Storage account connection string '{name}' does not exist."
        raise SettingMissingError(msg)
    queue = settings.connection_part(name, "queueServiceUri") or _address(account, "queue")
    return StorageConnection(blob_address=blob, queue_address=queue)


def _address(account: str | None, service: str) -> str | None:
    return f"https://{account}.{service}.core.windows.net" if account else None

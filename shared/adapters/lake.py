"""The lake on ADLS Gen2, through azure-storage-file-datalake."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from azure.core import MatchConditions
from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.storage.filedatalake import (
    DataLakeFileClient,
    DataLakeServiceClient,
    FileSystemClient,
    LinearRetry,
)

from shared.errors import (
    Dependency,
    DependencyUnavailableError,
    LakeConflictError,
    first_line,
)
from shared.landing.fault_points import FaultPoint, Reach, pass_by
from shared.settings import Endpoint

APPEND_BYTES = 64 * 1024 * 1024
SHA256 = "sha256"
CONNECTION_SECONDS, READ_SECONDS = 5, 30


class DataLake:
    """One file system of a storage account; implements Lake."""

    def __init__(self, file_system: FileSystemClient, reach: Reach = pass_by) -> None:
        """Keep the client, whose connections are reused."""
        self._file_system, self._reach = file_system, reach

    def put_if_absent(self, path: str, data: bytes, sha256: str) -> None:
        """Create, append and flush; a file that an earlier try left unfinished is finished.

        The path holds a hash of the bytes, so whoever else writes it now writes the same.
        """
        file = self._file_system.get_file_client(path)
        try:
            is_new = self._create_in_file_system(file, sha256)
            if not is_new and self._is_complete(file, path, data, sha256):
                return
            self._reach(FaultPoint.FILE_CREATED)
            for start in range(0, len(data), APPEND_BYTES):
                part = data[start : start + APPEND_BYTES]
                file.append_data(part, start, len(part))
            self._reach(FaultPoint.FILE_APPENDED)
            file.flush_data(len(data))
        except AzureError as error:
            message = f"the lake did not take {path}: {first_line(error)}"
            raise DependencyUnavailableError(
                message,
                dependency=Dependency.LAKE,
                hint="nothing is committed; the host tries again",
            ) from error

    def read(self, path: str) -> bytes | None:
        """Download a whole file."""
        try:
            return self._file_system.get_file_client(path).download_file().readall()
        except ResourceNotFoundError:
            return None
        except AzureError as error:
            message = f"the lake did not give {path}: {first_line(error)}"
            raise DependencyUnavailableError(
                message, dependency=Dependency.LAKE, hint="the next tick reads it"
            ) from error

    def list_files(self, folder: str) -> Sequence[str]:
        """List a folder; what lies deeper is not listed."""
        return self._list(folder, is_directory=False)

    def list_folders(self, folder: str) -> Sequence[str]:
        """List a folder's folders; what lies deeper is not listed."""
        return self._list(folder, is_directory=True)

    def delete(self, path: str) -> None:
        """Remove a file."""
        try:
            self._file_system.get_file_client(path).delete_file()
        except ResourceNotFoundError:
            return
        except AzureError as error:
            message = f"the lake did not remove {path}: {first_line(error)}"
            raise DependencyUnavailableError(
                message, dependency=Dependency.LAKE, hint="reconcile removes it"
            ) from error

    def _list(self, folder: str, *, is_directory: bool) -> Sequence[str]:
        try:
            found = self._file_system.get_paths(folder, recursive=False)
            return sorted(path.name for path in found if path.is_directory == is_directory)
        except ResourceNotFoundError:
            return ()
        except AzureError as error:
            message = f"the lake did not list {folder}: {first_line(error)}"
            raise DependencyUnavailableError(
                message, dependency=Dependency.LAKE, hint="the next tick lists it"
            ) from error

    def _create_in_file_system(self, file: DataLakeFileClient, sha256: str) -> bool:
        try:
            return self._create(file, sha256)
        except ResourceNotFoundError:
            with suppress(ResourceExistsError):
                self._file_system.create_file_system()
            return self._create(file, sha256)

    def _create(self, file: DataLakeFileClient, sha256: str) -> bool:
        try:
            file.create_file(metadata={SHA256: sha256}, match_condition=MatchConditions.IfMissing)
        except ResourceExistsError:
            return False
        return True

    def _is_complete(self, file: DataLakeFileClient, path: str, data: bytes, sha256: str) -> bool:
        found = file.get_file_properties()
        if found.metadata.get(SHA256) != sha256 or found.size not in (0, len(data)):
            message = f"{path} holds other bytes than its name says"
            raise LakeConflictError(
                message, hint="find out who else writes here", size=found.size, sha256=sha256
            )
        return bool(found.size == len(data))


def open_lake(
    endpoint: Endpoint, file_system: str, credential: TokenCredential, reach: Reach = pass_by
) -> DataLake:
    """Make the client of a file system; does no I/O."""
    # The host's retry policy is the patient one; the SDK's own waits 15 s before its first retry.
    patience: dict[str, Any] = {
        "retry_policy": LinearRetry(backoff=1, retry_total=2, random_jitter_range=1),
        "connection_timeout": CONNECTION_SECONDS,
        "read_timeout": READ_SECONDS,
    }
    service = (
        DataLakeServiceClient.from_connection_string(endpoint.value, **patience)
        if endpoint.is_connection_string
        else DataLakeServiceClient(endpoint.value, credential=credential, **patience)
    )
    client = service.get_file_system_client(file_system)
    return DataLake(client, reach)

"""The blob container for dropped files."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from azure.core.exceptions import ResourceExistsError
from azure.storage.blob import ContainerClient


def make_dropzone(settings: Mapping[str, str]) -> None:
    """Make the container, unless it exists."""
    with _container(settings) as container, suppress(ResourceExistsError):
        container.create_container()


def drop_file(settings: Mapping[str, str], file: Path, path: str) -> None:
    """Write a file to a path of the container, replacing what was there."""
    with _container(settings) as container, file.open("rb") as data:
        container.upload_blob(path, data, overwrite=True)


def _container(settings: Mapping[str, str]) -> ContainerClient:
    return ContainerClient.from_connection_string(
        settings["LANDFALL_DROPZONE"], settings["LANDFALL_DROPZONE_CONTAINER"]
    )

"""Four ways to land a batch without a ledger, each as small as its samples.

A record is a line of JSON: partition, sequence number, body. `sample` does as the samples of Azure
Functions do: a random name, and no retry policy. `random-name` adds Landfall's retry policy.
`first-number` uses the batch's first sequence number as the name and overwrites an existing file,
as Kafka Connect and Secor do. `append` appends each batch to one file per partition; only the
trigger's checkpoint keeps the position.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from uuid import uuid4

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.filedatalake import DataLakeFileClient, DataLakeServiceClient

Land = Callable[[str, int, bytes], None]
Line = tuple[int, bytes]


def encode(partition_id: str, events: Sequence[Line]) -> bytes:
    """Encode a batch as lines."""
    records = (
        {"partition": partition_id, "number": number, "body": body.decode("latin-1")}
        for number, body in events
    )
    return "".join(f"{json.dumps(record)}\n" for record in records).encode()


def land_under_a_random_name(partition_id: str, _: int, data: bytes) -> None:
    """Write each try to a new file."""
    _file(f"bronze/{partition_id}/{uuid4()}.jsonl").upload_data(data, overwrite=True)


def land_under_the_first_number(partition_id: str, first: int, data: bytes) -> None:
    """Overwrite the file of an earlier try, even if it was longer."""
    _file(f"bronze/{partition_id}/{first:020d}.jsonl").upload_data(data, overwrite=True)


def land_by_appending(partition_id: str, _: int, data: bytes) -> None:
    """Append the batch, again on a second try."""
    file = _file(f"bronze/{partition_id}.jsonl")
    try:
        size = file.get_file_properties().size
    except ResourceNotFoundError:
        file.create_file()
        size = 0
    file.append_data(data, size, len(data))
    file.flush_data(size + len(data))


WAYS: Mapping[str, Land] = {
    "sample": land_under_a_random_name,
    "random-name": land_under_a_random_name,
    "first-number": land_under_the_first_number,
    "append": land_by_appending,
}


def _file(path: str) -> DataLakeFileClient:
    return _service().get_file_client(os.environ["LANDFALL_LAKE_FILESYSTEM"], path)


@cache
def _service() -> DataLakeServiceClient:
    return DataLakeServiceClient.from_connection_string(os.environ["LANDFALL_LAKE"])

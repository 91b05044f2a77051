"""Four ways to land a batch without a ledger, each as small as its samples are.

A record is a line of JSON: partition, sequence number, body. `sample`: as the samples of Azure
Functions have it, a name made up on the spot and no retry policy. `random-name`: the same with
the retry policy that Landfall has. `first-number`: the batch's first sequence number is the
name, and what is there is overwritten, as Kafka Connect and Secor do. `append`: one file a
partition, to whose end each batch is appended; the trigger's checkpoint is all that is kept.
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
    """Every try writes a file of its own."""
    _file(f"bronze/{partition_id}/{uuid4()}.jsonl").upload_data(data, overwrite=True)


def land_under_the_first_number(partition_id: str, first: int, data: bytes) -> None:
    """A second try writes over the first, however long that was."""
    _file(f"bronze/{partition_id}/{first:020d}.jsonl").upload_data(data, overwrite=True)


def land_by_appending(partition_id: str, _: int, data: bytes) -> None:
    """A second try appends the batch again."""
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

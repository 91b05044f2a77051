"""Reads back what is committed: the records of the files that the ledger names."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastavro import reader

from shared.contracts import ORIGIN
from shared.ledger import CommittedBatch
from shared.ports import LedgerStore
from tests.chaos.verdict import Committed

PAGE = 1000


def read_batches(ledger: LedgerStore, hub: str, partition_id: str) -> Iterator[CommittedBatch]:
    """Every committed batch of a partition, of all generations, in the order of commits."""
    after = 0
    while page := ledger.list_commits(hub, partition_id, after, PAGE):
        yield from page
        after = page[-1].number


def read_records(batch: CommittedBatch, read: Any) -> Iterator[Committed]:
    """The records of a batch's files; `read` gives a file's open stream by its path."""
    for file in batch.files:
        with read(file.path) as stream:
            for record in reader(stream):
                number = record.pop(ORIGIN)["sequence_number"]
                if file.contract:
                    yield Committed(sequence_number=number, value=as_sent(record))
                else:
                    yield Committed(
                        sequence_number=number, value=record["body"], reason=record["reason"]
                    )


def as_sent(record: Mapping[str, Any]) -> dict[str, Any]:
    """A telemetry record as the JSON value that the producer made of it."""
    return {
        **record,
        "event_id": str(record["event_id"]),
        "occurred_at": record["occurred_at"].isoformat(timespec="microseconds"),
    }

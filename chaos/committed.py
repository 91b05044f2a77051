"""Reads what is committed: the records of the files that the ledger names."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, BinaryIO, cast

from fastavro import reader

from chaos.verdict import Committed
from shared.contracts.origin import ORIGIN
from shared.hub.address import PartitionAddress
from shared.ledger.batch import CommittedBatch
from shared.ledger.store import LedgerStore

PAGE = 1000
LOG = logging.getLogger("chaos.committed")


def read_batches(ledger: LedgerStore, address: PartitionAddress) -> Iterator[CommittedBatch]:
    """Every committed batch of a partition, in all generations, in commit order."""
    after = 0
    while page := ledger.list_commits(address, after, PAGE):
        yield from page
        after = page[-1].number


def read_records(batch: CommittedBatch, read: Callable[[str], BinaryIO]) -> Iterator[Committed]:
    """The records of a batch's files; `read` opens a file by its path.

    An unreadable file yields no records: its numbers will be missing, and the audit says why.
    """
    for file in batch.files:
        try:
            with read(file.path) as stream:
                records = cast("Iterable[dict[str, Any]]", reader(stream))
                yield from map(_as_good if file.contract else _as_bad, records)
        except Exception as error:  # on broken bytes, fastavro may raise anything
            LOG.error("%s cannot be read: %s", file.path, error)


def _as_good(record: dict[str, Any]) -> Committed:
    number = record.pop(ORIGIN)["sequence_number"]
    return Committed(sequence_number=number, value=as_sent(record))


def _as_bad(record: dict[str, Any]) -> Committed:
    number = record[ORIGIN]["sequence_number"]
    return Committed(sequence_number=number, value=record["body"], reason=record["reason"])


def as_sent(record: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a telemetry record back to the JSON value that the producer sent."""
    return {
        **record,
        "event_id": str(record["event_id"]),
        "occurred_at": record["occurred_at"].isoformat(timespec="microseconds"),
    }

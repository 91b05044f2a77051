"""The ledger in Azure Tables, through azure-data-tables."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.data.tables import TableEntity, TableServiceClient, TableTransactionError

from shared.adapters.ledger_entities import (
    HEAD,
    batch_entities,
    batch_key,
    closed_entity,
    closed_key,
    commit_key,
    head_entity,
    index_entity,
    index_query,
    parse_batch,
    parse_closed,
    parse_head,
    parse_index,
)
from shared.adapters.tables import OVERTAKEN, Operation, replacing, translated
from shared.errors import Dependency, DependencyUnavailableError
from shared.hub.address import PartitionAddress
from shared.ledger.batch import CommittedBatch
from shared.ledger.generations import with_closed
from shared.ledger.partition import Partition
from shared.ledger.redrives import keep_together
from shared.ledger.store import Commit, StoredPartition

READERS = 8
# How many rows the service returns in one page.
MOST_ROWS = 1000


class TableLedger:
    """One table; a partition's rows share a partition key. Implements LedgerStore."""

    def __init__(self, service: TableServiceClient, table: str) -> None:
        """Keep the clients, whose connections are reused; does no I/O."""
        self._service, self._table = service, service.get_table_client(table)

    def read(self, address: PartitionAddress) -> StoredPartition | None:
        """Read a partition."""
        with translated("read the head", partition=address):
            try:
                row = self._table.get_entity(address.table_key, HEAD)
            except ResourceNotFoundError:
                return None
            return StoredPartition(partition=parse_head(row), etag=str(row.metadata["etag"]))

    def create(self, partition: Partition) -> StoredPartition:
        """Make the table and a partition's head; the index lists the head before it exists."""
        with translated("make the head", partition=partition.address):
            self._service.create_table_if_not_exists(self._table.table_name)
            self._table.upsert_entity(index_entity(partition.address))
            with suppress(ResourceExistsError):
                self._table.create_entity(head_entity(partition))
        stored = self.read(partition.address)
        if stored is None:
            message = "the ledger lost a head it had just made"
            raise DependencyUnavailableError(
                message, dependency=Dependency.LEDGER, partition=partition.address
            )
        return stored

    def commit(self, stored: StoredPartition, commit: Commit) -> StoredPartition | None:
        """Replace the head and add the batch in one entity-group transaction."""
        with translated("commit", partition=commit.partition.address):
            try:
                results = self._table.submit_transaction(_operations(stored, commit))
            except TableTransactionError as error:
                if error.status_code in OVERTAKEN:
                    return None
                raise
            return StoredPartition(partition=commit.partition, etag=results[0]["etag"])

    def list_partitions(self) -> Sequence[Partition]:
        """Read every partition in the index, several side by side."""
        with translated("list the heads"), ThreadPoolExecutor(READERS) as pool:
            read = pool.map(self._read_whole, sorted(map(parse_index, self._read_index())))
            return [partition for partition in read if partition]

    def _read_index(self) -> list[TableEntity]:
        try:
            return list(self._table.query_entities(index_query()))
        except ResourceNotFoundError:
            return []  # no head was ever made, nor the table

    def _read_whole(self, address: PartitionAddress) -> Partition | None:
        """Read a partition with the generations that ended before its head kept them."""
        stored = self.read(address)
        if stored is None:
            return None
        partition = stored.partition
        if len(partition.ended) == partition.current.number:
            return partition
        end = closed_key(partition.current.number)
        closed = self._query(address, closed_key(0), end, MOST_ROWS)
        return with_closed(partition, map(parse_closed, closed))

    def list_batches(
        self,
        address: PartitionAddress,
        from_sequence_number: int,
        limit: int,
        *,
        generation: int | None = None,
    ) -> Sequence[CommittedBatch]:
        """Read a page of a generation's committed batches."""
        if generation is None:
            stored = self.read(address)
            if stored is None:
                return []
            generation = stored.partition.current.number
        first = batch_key(generation, from_sequence_number)
        end = batch_key(generation + 1, 0)
        with translated("list the batches", partition=address):
            rows = self._query(address, first, end, limit + 1)
            return keep_together(map(parse_batch, rows), limit)

    def list_commits(
        self, address: PartitionAddress, after: int, limit: int
    ) -> Sequence[CommittedBatch]:
        """Read what was committed after a commit, in the order in which it was."""
        with translated("list the commits", partition=address):
            rows = self._query(address, commit_key(after + 1), commit_key(10**19), limit)
            return [parse_batch(row) for row in islice(rows, limit)]

    def _query(
        self, address: PartitionAddress, first: str, end: str, expected: int
    ) -> Iterable[TableEntity]:
        query = (
            f"PartitionKey eq '{address.table_key}' and RowKey ge '{first}' and RowKey lt '{end}'"
        )
        return self._table.query_entities(query, results_per_page=min(expected, MOST_ROWS))


def _operations(stored: StoredPartition, commit: Commit) -> list[Operation]:
    created = batch_entities(commit.batch) if commit.batch else []
    if commit.closed:
        created.append(closed_entity(commit.partition, commit.closed))
    return [
        ("update", head_entity(commit.partition), replacing(stored.etag)),
        *(("create", row, {}) for row in created),
    ]

"""The ledger in Azure Tables, through azure-data-tables."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.data.tables import TableEntity, TableServiceClient, TableTransactionError

from shared.adapters.ledger_entities import (
    HEAD,
    INDEX,
    batch_entities,
    batch_key,
    closed_key,
    commit_key,
    parse_batch,
    parse_state,
    partition_key,
    state_entity,
)
from shared.adapters.tables import OVERTAKEN, Operation, replacing, translated
from shared.errors import Dependency, DependencyUnavailableError
from shared.ledger.batch import CommittedBatch
from shared.ledger.generations import with_late_commits
from shared.ledger.partition import PartitionState
from shared.ledger.redrives import keep_together
from shared.ledger.store import Commit, StoredState

READERS = 8
# A page that the service gives.
MOST_ROWS = 1000


class TableLedger:
    """One table; a partition's rows share a partition key. Implements ports.LedgerStore."""

    def __init__(self, service: TableServiceClient, table: str) -> None:
        """Keep the clients, whose connections are reused; does no I/O."""
        self._service, self._table = service, service.get_table_client(table)

    def read(self, hub: str, partition_id: str) -> StoredState | None:
        """Read a partition's current state."""
        with translated("read the head", hub=hub, partition_id=partition_id):
            try:
                entity = self._table.get_entity(partition_key(hub, partition_id), HEAD)
            except ResourceNotFoundError:
                return None
            return StoredState(state=parse_state(entity), etag=str(entity.metadata["etag"]))

    def create(self, state: PartitionState) -> StoredState:
        """Make a partition's head, known to the index before it exists; the table too."""
        with translated("make the head", hub=state.hub, partition_id=state.partition_id):
            self._service.create_table_if_not_exists(self._table.table_name)
            key = partition_key(state.hub, state.partition_id)
            self._table.upsert_entity(
                {
                    "PartitionKey": INDEX,
                    "RowKey": key,
                    "hub": state.hub,
                    "partition_id": state.partition_id,
                }
            )
            with suppress(ResourceExistsError):
                self._table.create_entity(state_entity(state, HEAD))
        stored = self.read(state.hub, state.partition_id)
        if stored is None:
            message = "the ledger lost a head it had just made"
            raise DependencyUnavailableError(
                message,
                dependency=Dependency.LEDGER,
                hub=state.hub,
                partition_id=state.partition_id,
            )
        return stored

    def commit(self, stored: StoredState, commit: Commit) -> StoredState | None:
        """Replace the head and add the batch in one entity-group transaction."""
        state = commit.state
        with translated("commit", hub=state.hub, partition_id=state.partition_id):
            try:
                results = self._table.submit_transaction(_operations(stored, commit))
            except TableTransactionError as error:
                if error.status_code in OVERTAKEN:
                    return None
                raise
            return StoredState(state=state, etag=results[0]["etag"])

    def list_states(self) -> Sequence[PartitionState]:
        """Read the states of every partition in the index, several side by side."""
        with translated("list the heads"), ThreadPoolExecutor(READERS) as pool:
            index = self._read_index()
            partitions = sorted((row["hub"], int(row["partition_id"])) for row in index)
            read = pool.map(
                lambda known: self._read_generations(known[0], str(known[1])), partitions
            )
            return [state for states in read for state in states]

    def _read_index(self) -> list[TableEntity]:
        try:
            return list(self._table.query_entities(f"PartitionKey eq '{INDEX}'"))
        except ResourceNotFoundError:
            return []  # no head was ever made, nor the table

    def _read_generations(self, hub: str, partition_id: str) -> Sequence[PartitionState]:
        stored = self.read(hub, partition_id)
        if stored is None:
            return []
        key = partition_key(hub, partition_id)
        closed = (
            self._table.query_entities(
                f"PartitionKey eq '{key}' and RowKey ge '{closed_key(0)}'"
                f" and RowKey lt '{closed_key(stored.state.generation)}'"
            )
            if stored.state.generation
            else ()
        )
        return [*with_late_commits(map(parse_state, closed), stored.state), stored.state]

    def list_batches(
        self,
        hub: str,
        partition_id: str,
        from_sequence_number: int,
        limit: int,
        *,
        generation: int | None = None,
    ) -> Sequence[CommittedBatch]:
        """Read a page of a generation's committed batches."""
        if generation is None:
            stored = self.read(hub, partition_id)
            if stored is None:
                return []
            generation = stored.state.generation
        key = partition_key(hub, partition_id)
        first = batch_key(generation, from_sequence_number)
        end = batch_key(generation + 1, 0)
        with translated("list the batches", hub=hub, partition_id=partition_id):
            rows = self._query(key, first, end, limit + 1)
            return keep_together(map(parse_batch, rows), limit)

    def list_commits(
        self, hub: str, partition_id: str, after: int, limit: int
    ) -> Sequence[CommittedBatch]:
        """Read what was committed after a commit, in the order in which it was."""
        key = partition_key(hub, partition_id)
        with translated("list the commits", hub=hub, partition_id=partition_id):
            rows = self._query(key, commit_key(after + 1), commit_key(10**19), limit)
            return [parse_batch(row) for row in islice(rows, limit)]

    def _query(self, key: str, first: str, end: str, expected: int) -> Iterable[TableEntity]:
        query = f"PartitionKey eq '{key}' and RowKey ge '{first}' and RowKey lt '{end}'"
        return self._table.query_entities(query, results_per_page=min(expected, MOST_ROWS))


def _operations(stored: StoredState, commit: Commit) -> list[Operation]:
    created = batch_entities(commit.batch) if commit.batch else []
    if commit.closed:
        created.append(state_entity(commit.closed, closed_key(commit.closed.generation)))
    return [
        ("update", state_entity(commit.state, HEAD), replacing(stored.etag)),
        *(("create", row, {}) for row in created),
    ]

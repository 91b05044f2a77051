"""What Databricks has to do, in the ledger's table."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice

from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import TableEntity, TableServiceClient, TableTransactionError

from shared.adapters.tables import OVERTAKEN, Operation, if_unchanged, replacing, translated
from shared.adapters.work_entities import (
    ACTIVE,
    BACKLOG,
    TRANSFORM,
    active_key,
    backlog_entity,
    ended_key,
    ended_prefix,
    failed_key,
    failed_prefix,
    parse_backlog,
    parse_work,
    seen_entity,
    work_entity,
)
from shared.transform.windows import Backlog
from shared.transform.work import Work, WorkKind
from shared.transform.work_store import StoredBacklog, StoredWork


class TableWorkStore:
    """All of it in one partition key, so that each change is one transaction.

    Implements WorkStore.
    """

    def __init__(self, service: TableServiceClient, table: str) -> None:
        """Keep the clients, whose connections are reused; does no I/O."""
        self._service, self._table = service, service.get_table_client(table)

    def read_backlog(self) -> StoredBacklog:
        """Read how far commits are planned."""
        with translated("read the backlog"):
            try:
                row = self._table.get_entity(TRANSFORM, BACKLOG)
            except ResourceNotFoundError:
                return StoredBacklog(backlog=Backlog(), etag=None)
            return StoredBacklog(backlog=parse_backlog(row), etag=str(row.metadata["etag"]))

    def create_windows(
        self, stored: StoredBacklog, backlog: Backlog, windows: Sequence[Work]
    ) -> bool:
        """Move the backlog on and add the windows."""
        row = backlog_entity(backlog)
        moved: Operation = (
            ("update", row, replacing(stored.etag)) if stored.etag else ("create", row, {})
        )
        added = [operation for work in windows for operation in _additions(work)]
        return self._submit("add windows", [moved, *added])

    def create_upload(self, work: Work) -> bool:
        """Add an upload that was not seen before; the table too."""
        with translated("make the table"):
            self._service.create_table_if_not_exists(self._table.table_name)
        return self._submit("add an upload", _additions(work))

    def list_active(self) -> Sequence[StoredWork]:
        """Read the work that is not final."""
        with translated("list the work"):
            return [
                StoredWork(work=parse_work(row), etag=str(row.metadata["etag"]))
                for row in self._rows(ACTIVE)
            ]

    def replace(self, stored: StoredWork, work: Work) -> bool:
        """Replace the work; what becomes final moves to the failed or the ended."""
        if not work.is_final:
            update: Operation = ("update", work_entity(work), replacing(stored.etag))
            return self._submit("replace work", [update])
        active = {"PartitionKey": TRANSFORM, "RowKey": active_key(stored.work)}
        return self._submit(
            "end work",
            [
                ("delete", active, if_unchanged(stored.etag)),
                ("create", work_entity(work), {}),
            ],
        )

    def list_failed(self, kind: WorkKind, limit: int) -> Sequence[Work]:
        """Read the failed work, the newest first."""
        with translated("list the failed work"):
            return list(islice(map(parse_work, self._rows(failed_prefix(kind))), limit))

    def settle(self, failed: Work, work: Work) -> bool:
        """Move failed work to where it belongs now.

        Failed work of earlier versions has no rows of its own: it stands among the ended.
        """
        for row_key in (failed_key(failed), ended_key(failed)):
            with translated("read the failed work"):
                try:
                    row = self._table.get_entity(TRANSFORM, row_key)
                except ResourceNotFoundError:
                    continue
            if parse_work(row) != failed:
                return False
            return self._submit("settle work", _move(row, work))
        return False

    def list_recent(self, kind: WorkKind, limit: int) -> Sequence[Work]:
        """Read the active and then the newest ended."""
        with translated("list the work"):
            active = (work for work in map(parse_work, self._rows(ACTIVE)) if work.kind == kind)
            ended = map(parse_work, self._rows(ended_prefix(kind)))
            return list(islice(chain(active, ended), limit))

    def _rows(self, prefix: str) -> Iterator[TableEntity]:
        end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        query = f"PartitionKey eq '{TRANSFORM}' and RowKey ge '{prefix}' and RowKey lt '{end}'"
        try:
            yield from self._table.query_entities(query)
        except ResourceNotFoundError:
            return  # the table is made with the first head or upload

    def _submit(self, action: str, operations: Sequence[Operation]) -> bool:
        with translated(action):
            try:
                self._table.submit_transaction(operations)
            except TableTransactionError as error:
                if error.status_code in OVERTAKEN:
                    return False
                raise
        return True


def _move(row: TableEntity, work: Work) -> list[Operation]:
    """Write the work where it stands now, and remove the row where it stood."""
    after, etag = work_entity(work), str(row.metadata["etag"])
    if after["RowKey"] == row["RowKey"]:
        return [("update", after, replacing(etag))]
    gone = {"PartitionKey": TRANSFORM, "RowKey": row["RowKey"]}
    return [("delete", gone, if_unchanged(etag)), ("create", after, {})]


def _additions(work: Work) -> list[Operation]:
    return [("create", work_entity(work), {}), ("create", seen_entity(work), {})]

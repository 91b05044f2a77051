"""Take in a dropped file: check whether it can be used at all, and give it to Databricks."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import BytesIO
from posixpath import splitext

from shared.contracts.catalog import ContractCatalog
from shared.contracts.contract import Contract
from shared.errors import (
    DependencyUnavailableError,
    MisconfiguredError,
    UnusableFileError,
)
from shared.files.rows import RowReader, make_row_converter, refuse_times_of_day, require_fields
from shared.lake import Lake
from shared.logs import Outcome
from shared.transform.transformer import Transformer
from shared.transform.work import RunFigures, Work, WorkState, refused
from shared.transform.work_store import WorkStore
from shared.values.rejection import Rejection

UPLOADS = "_landfall/dropzone"
# The host tries a blob five times at once and then gives it up, so we wait here ourselves.
WAITS_SECONDS = (1, 2, 4, 8, 15, 30, 60, 60, 60, 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedFile:
    """A dropped file, whole; its path is `<contract>/<name>`."""

    path: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a dropped file; `problem` says what keeps its run from being submitted."""

    work: Work
    is_new: bool
    problem: str = ""

    @property
    def outcome(self) -> Outcome:
        """How the log tells it; a file that cannot be used, or must wait, makes it a warning."""
        problem = self.work.error or self.problem
        return Outcome(
            event="upload_received",
            level=logging.WARNING if problem else logging.INFO,
            fields={
                "work_id": self.work.work_id,
                "contract": self.work.contract,
                "state": self.work.state,
                "is_new": self.is_new,
                "problem": problem,
            },
        )


class Dropzone:
    """Makes one run of each upload: a path with its content."""

    def __init__(
        self,
        *,
        contracts: ContractCatalog,
        works: WorkStore,
        lake: Lake,
        transformer: Transformer | None,
        read_rows: RowReader,
        clock: Callable[[], datetime],
    ) -> None:
        """Keep the collaborators; does no I/O. Without a transformer nothing is submitted yet."""
        self._contracts, self._works, self._lake = contracts, works, lake
        self._transformer, self._read_rows, self._clock = transformer, read_rows, clock

    def receive(self, file: DroppedFile) -> Receipt:
        """Take in the file; raises DependencyUnavailableError of the lake and the ledger.

        A file that cannot be used ends as failed work with its reason, and costs no run.
        """
        work = self._judge(file.path, file.data)
        if not work.is_final:
            digest = hashlib.sha256(file.data).hexdigest()
            self._lake.put_if_absent(work.path, file.data, digest)
        is_new = self._works.create_upload(work)
        problem = self._submit(work) if is_new and not work.is_final else ""
        return Receipt(work=work, is_new=is_new, problem=problem)

    def _judge(self, path: str, data: bytes) -> Work:
        name, _, _ = path.partition("/")
        work = Work(
            kind="upload",
            work_id=_work_id(path, data),
            contract=name,
            path=_lake_path(path, data),
            source=path,
            created_at=self._clock(),
        )
        try:
            contract = self._find(path)
            work = replace(work, contract=str(contract.id))
            rows = self._count_rows(path, data, contract)
        except UnusableFileError as error:
            # Once the contract is fixed, the same file may come again.
            work_id = _work_id(path, data, str(error))
            return refused(replace(work, work_id=work_id), str(error), self._clock())
        return work if rows else _without_rows(work)

    def _find(self, path: str) -> Contract:
        name, slash, _ = path.partition("/")
        if not slash:
            message = f"{path} is in no contract's folder: drop it as <contract>/{path}"
            raise UnusableFileError(message)
        contract = self._contracts.find(name)
        if isinstance(contract, Rejection):
            known = ", ".join(sorted({known.id.name for known in self._contracts}))
            message = f"{contract.detail}; known are {known}"
            raise UnusableFileError(message)
        return contract

    def _count_rows(self, path: str, data: bytes, contract: Contract) -> int:
        """Read the whole file, so that a broken end is known before a cluster starts."""
        opened = self._read_rows(path, BytesIO(data))
        rows = 0
        for row in opened.rows:
            refuse_times_of_day(row)
            rows += 1
        if rows:
            make_row_converter(opened.columns, contract, is_text=opened.is_text)
            require_fields(opened.columns, contract, is_text=opened.is_text)
        return rows

    def _submit(self, work: Work) -> str:
        if self._transformer is None:
            return "no Databricks workspace is set"
        try:
            self._transformer.submit_now(work.work_id)
        except (DependencyUnavailableError, MisconfiguredError) as error:
            return str(error)
        return ""


def receive_patiently(
    dropzone: Dropzone,
    file: DroppedFile,
    wait: Callable[[float], None],
    tell: Callable[[Outcome], None],
) -> Receipt:
    """Take in the file; wait for minutes while the lake or the ledger is down, and log it.

    After the last wait, raises what receiving raises.
    """
    for seconds in WAITS_SECONDS:
        try:
            return dropzone.receive(file)
        except DependencyUnavailableError as error:
            told = {"error": str(error), "seconds": seconds}
            tell(Outcome(event="upload_waited", level=logging.WARNING, fields=told))
        wait(seconds)
    return dropzone.receive(file)


def _work_id(*told: str | bytes) -> str:
    digest = hashlib.sha256()
    for item in told:
        data = item.encode("utf-8", "backslashreplace") if isinstance(item, str) else item
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return f"u-{digest.hexdigest()[:32]}"


def _lake_path(path: str, data: bytes) -> str:
    """The copy's name is a hash of its content, which also identifies its rows."""
    return f"{UPLOADS}/{hashlib.sha256(data).hexdigest()[:32]}{splitext(path)[1].lower()}"


def _without_rows(work: Work) -> Work:
    none = RunFigures(rows_in=0, rows_out=0, rows_quarantined=0)
    return replace(work, state=WorkState.SUCCEEDED, ended_at=work.created_at, figures=none)

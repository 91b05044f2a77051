import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import time, timedelta
from hashlib import sha256
from io import BytesIO

import fastavro
import polars as pl
import pytest

from shared.adapters.row_files import read_rows
from shared.dropzone.receiving import DroppedFile, Dropzone, Receipt, receive_patiently
from shared.errors import DependencyUnavailableError
from shared.logs import Outcome
from shared.transform.transformer import Transformer
from shared.transform.windows import WindowLimits
from shared.transform.work import RunFigures, WorkState
from tests.builders import a_contract, a_schema, a_time, contracts
from tests.memory import MemoryLake, MemoryLedger, MemoryRunner, MemoryWorkStore

GOOD = b'id,note\n1,"a\nb"\n2,\n'
CONTRACT = a_contract()


@dataclass
class World:
    lake: MemoryLake = field(default_factory=MemoryLake)
    works: MemoryWorkStore = field(default_factory=MemoryWorkStore)
    runner: MemoryRunner = field(default_factory=MemoryRunner)
    known: tuple[str, ...] = ("simple",)
    seconds: float = 0

    def receive(self, path: str, data: bytes) -> Receipt:
        return self.dropzone(self.transformer()).receive(DroppedFile(path=path, data=data))

    def dropzone(self, transformer: Transformer | None) -> Dropzone:
        return Dropzone(
            contracts=contracts(*(a_contract(name=name) for name in self.known), default=None),
            works=self.works,
            lake=self.lake,
            transformer=transformer,
            read_rows=read_rows,
            clock=lambda: a_time(self.seconds),
        )

    def transformer(self) -> Transformer:
        return Transformer(
            ledger=MemoryLedger(),
            works=self.works,
            lake=self.lake,
            runner=self.runner,
            limits=WindowLimits(files=1, bytes=1, age=timedelta()),
            backoff=timedelta(seconds=30),
            timeout=timedelta(hours=1),
            lake_uri="abfss://lake",
            clock=lambda: a_time(self.seconds),
        )

    def states(self) -> list[tuple[str, str]]:
        return [(work.source, work.state.value) for work in self.works.list_recent("upload", 9)]


@pytest.fixture
def world() -> World:
    return World()


def test_a_good_file_is_copied_to_the_lake_and_its_run_submitted_at_once(world: World) -> None:
    receipt = world.receive("simple/day one.CSV", GOOD)

    (request,) = world.runner.requests
    parameters = dict(zip(request.task.parameters[::2], request.task.parameters[1::2], strict=True))
    content = sha256(GOOD).hexdigest()[:32]
    assert (receipt.is_new, receipt.problem) == (True, "")
    assert world.lake.files == {f"_landfall/dropzone/{content}.csv": GOOD}
    assert request.idempotency_token == receipt.work.work_id
    assert (parameters["--contract"], parameters["--upload"]) == ("simple/1", content)
    assert parameters["--file"] == f"abfss://lake/_landfall/dropzone/{content}.csv"
    assert world.states() == [("simple/day one.CSV", "submitted")]


def test_the_same_upload_never_runs_twice_and_a_changed_one_does(world: World) -> None:
    world.receive("simple/a.csv", GOOD)
    again = world.receive("simple/a.csv", GOOD)
    changed = world.receive("simple/a.csv", GOOD + b"3,\n")

    assert (again.is_new, changed.is_new) == (False, True)
    assert len(world.states()) == 2


def test_a_copy_under_another_name_is_an_upload_of_the_same_rows(world: World) -> None:
    first = world.receive("simple/a.csv", GOOD)
    copy = world.receive("simple/b.csv", GOOD)

    assert copy.is_new
    assert first.work.path == copy.work.path


def in_parquet() -> bytes:
    file = BytesIO()
    pl.DataFrame({"id": [1, 2], "note": [[None], [time(1)]]}).write_parquet(file)
    return file.getvalue()


def in_avro() -> bytes:
    file = BytesIO()
    of_day = {"type": "int", "logicalType": "time-millis"}
    schema = a_schema({"name": "id", "type": "int"}, {"name": "note", "type": of_day})
    fastavro.writer(file, schema, [{"id": 1, "note": time(1)}])
    return file.getvalue()


UNUSABLE = {
    "an unknown contract": (
        "nobody/a.csv",
        GOOD,
        "no contract is named 'nobody'; known are simple",
    ),
    "no folder": ("a.csv", GOOD, "a.csv is in no contract's folder: drop it as <contract>/a.csv"),
    "an unknown format": ("simple/a.xlsx", GOOD, "the suffix is none of .csv .jsonl"),
    "no format": ("simple/a", GOOD, "the suffix is none of"),
    "no bytes": ("simple/a.csv", b"", "simple/a.csv"),
    "a stranger's column": ("simple/a.csv", b"id,colour\n1,red\n", "column 'colour': neither"),
    "a column missing": ("simple/a.csv", b"note\nx\n", "no column for 'id': simple/1 has no"),
    "more cells than columns": ("simple/a.csv", GOOD + b"1,2,3\n", "simple/a.csv"),
    "text that is no UTF-8": ("simple/a.csv", b"id\n\xff\xfe\n", "simple/a.csv"),
    "lines that are no objects": ("simple/a.jsonl", b"\x00\x01\n[1]\n", "no row is a JSON object"),
    "a broken document": ("simple/a.json", b'[{"id": 1}', "simple/a.json"),
    "a document without rows": ("simple/a.json", b'{"id": 1}', '"fields" and "data"'),
    "no Parquet": ("simple/a.parquet", GOOD, "simple/a.parquet"),
    "times of day in Parquet": ("simple/a.parquet", in_parquet(), "column 'note' has times of day"),
    "times of day in Avro": ("simple/a.avro", in_avro(), "column 'note' has times of day"),
    "no Avro": ("simple/a.avro", GOOD, "simple/a.avro"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_file_that_cannot_be_used_ends_as_failed_with_its_reason_and_costs_no_run(
    world: World, case: str
) -> None:
    path, data, reason = UNUSABLE[case]

    receipt = world.receive(path, data)

    assert receipt.work.state is WorkState.FAILED
    assert reason in (receipt.work.error or "")
    assert world.states() == [(path, "failed")]
    assert (world.runner.requests, world.lake.files) == ([], {})


def test_a_refusal_is_kept_once_and_the_file_may_come_again_once_its_contract_is_there(
    world: World,
) -> None:
    world.receive("later/a.csv", GOOD)
    world.receive("later/a.csv", GOOD)
    world.known = ("later",)
    world.seconds = 1

    world.receive("later/a.csv", GOOD)

    assert world.states() == [("later/a.csv", "submitted"), ("later/a.csv", "failed")]


def test_a_bad_row_does_not_refuse_the_file(world: World) -> None:
    lines = b'{broken\n{"id": 1, "unknown": 2}\n'

    assert world.receive("simple/a.jsonl", lines).work.state is WorkState.PLANNED


def test_a_file_without_rows_is_done_without_a_run(world: World) -> None:
    receipt = world.receive("simple/a.csv", b"id,note\n")

    assert receipt.work.state is WorkState.SUCCEEDED
    assert receipt.work.figures == RunFigures(rows_in=0, rows_out=0, rows_quarantined=0)
    assert world.runner.requests == []


def test_while_databricks_is_down_the_upload_waits_for_the_timer(world: World) -> None:
    world.runner.is_down = True
    receipt = world.receive("simple/a.csv", GOOD)
    world.runner.is_down = False

    world.transformer().tick()

    assert (receipt.is_new, receipt.problem) == (True, "Databricks is down")
    assert world.states() == [("simple/a.csv", "submitted")]


def test_without_a_workspace_the_upload_is_kept_until_there_is_one(world: World) -> None:
    receipt = world.dropzone(None).receive(DroppedFile(path="simple/a.csv", data=GOOD))

    assert receipt.problem == "no Databricks workspace is set"
    assert world.states() == [("simple/a.csv", "planned")]


def test_an_upload_waits_while_another_run_writes_the_same_table(world: World) -> None:
    world.receive("simple/a.csv", GOOD)
    world.receive("simple/b.csv", GOOD)

    assert sorted(world.states()) == [("simple/a.csv", "submitted"), ("simple/b.csv", "planned")]


def test_a_lake_that_is_down_is_waited_for(world: World) -> None:
    world.lake.is_down = True
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        world.lake.is_down = len(waited) < 3

    told: list[Outcome] = []

    receipt = received(world, wait, told.append)

    assert receipt.is_new
    assert waited == [1, 2, 4]
    assert [(line.event, line.level) for line in told] == [("upload_waited", logging.WARNING)] * 3
    assert told[0].fields == {"error": "the lake is down", "seconds": 1}


def test_a_lake_that_stays_down_is_in_the_end_for_the_host_to_try_again(
    world: World,
) -> None:
    world.lake.is_down = True
    waited: list[float] = []
    told: list[Outcome] = []

    with pytest.raises(DependencyUnavailableError, match="the lake is down"):
        received(world, waited.append, told.append)

    assert world.states() == []
    assert sum(waited) == 300
    assert [line.fields["seconds"] for line in told] == waited


def test_the_outcome_of_a_file_is_what_became_of_it_without_its_content(world: World) -> None:
    outcome = world.receive("simple/a.csv", GOOD).outcome

    assert (outcome.event, outcome.level) == ("upload_received", logging.INFO)
    assert (outcome.fields["state"], outcome.fields["is_new"]) == ("planned", True)
    assert (outcome.fields["contract"], outcome.fields["problem"]) == ("simple/1", "")
    assert "a\nb" not in repr(DroppedFile(path="simple/a.csv", data=GOOD))


def test_a_file_that_cannot_be_used_or_must_wait_is_a_warning_with_its_reason(
    world: World,
) -> None:
    unusable = world.receive("a.csv", GOOD).outcome
    waiting = world.dropzone(None).receive(DroppedFile(path="simple/a.csv", data=GOOD)).outcome

    assert (unusable.level, waiting.level) == (logging.WARNING, logging.WARNING)
    assert "in no contract's folder" in str(unusable.fields["problem"])
    assert waiting.fields["problem"] == "no Databricks workspace is set"


def received(
    world: World, wait: Callable[[float], None], tell: Callable[[Outcome], None] = pytest.fail
) -> Receipt:
    file = DroppedFile(path="simple/a.csv", data=GOOD)
    return receive_patiently(world.dropzone(None), file, wait, tell)

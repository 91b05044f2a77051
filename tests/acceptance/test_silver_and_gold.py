"""From bronze to silver and gold, by the real function host, the real SDK and real Spark."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from databricks.sdk.service.jobs import RunResultState, SubmitTask
from polars.testing import assert_frame_equal
from pyspark.sql import Row, SparkSession

from local.account import Document, get, lake_folder, wait_until_transformed
from local.stack import Stack
from tests.acceptance.steps import (
    METEORITES,
    NASA,
    committed_records,
    kill,
    produce,
    runs_by_name,
    table,
    totals,
    wait_for,
    workspace,
)
from tests.integration.spark_fixture import IGNORING_UNCLOSED_SOCKETS

pytestmark = IGNORING_UNCLOSED_SOCKETS
SMALL = """name,id,nametype,recclass,mass (g),fall,year,reclat,reclong,GeoLocation
Aachen,1,Valid,L5,21,Fell,1880,50.775000,6.083330,"(50.775, 6.08333)"
"Somewhere, far",2,Relict,"Iron, IVA",,Found,,,,
Near,4,Valid,L5,0.1,Fell,1889,50.7,6.1,
Beyond,3,Valid,H6,0.15,Found,1952,1.5,354.473330,"(1.5, 354.47333)"
"""


@pytest.fixture(scope="module")
def meteorites(whole_stack: Stack) -> Path:
    """NASA's file where it is, else a small one; sent, landed and transformed."""
    small = whole_stack.data / "small.csv"
    small.write_text(SMALL)
    path = METEORITES if NASA.is_dir() else small
    send(whole_stack, "--contract", "meteorite_landing", "--file", str(path))
    wait_until_transformed(whole_stack)
    return path


@pytest.mark.usefixtures("meteorites")
def test_silver_is_what_landed_each_event_once(whole_stack: Stack) -> None:
    landed, _ = committed_records(whole_stack)

    silver = table(whole_stack, "silver/meteorite_landing")

    expected = {identity(row): row["name"] for row in landed}
    assert len(silver) == len(expected) == len(landed)
    assert {identity(row): row["name"] for row in silver.to_dicts()} == expected


def test_gold_is_what_polars_alone_computes_of_the_file(
    whole_stack: Stack, meteorites: Path
) -> None:
    source = pl.read_csv(meteorites, infer_schema=False)
    good = source.filter(pl.col("reclong").cast(pl.Float64).fill_null(0) <= 180)
    expected = good.group_by(
        (pl.col("year").cast(pl.Int32) // 10 * 10).alias("decade"), "recclass"
    ).agg(
        pl.len().cast(pl.Int64).alias("meteorites"),
        pl.col("mass (g)").cast(pl.Float64).sum().alias("mass_g"),
    )

    gold = table(whole_stack, "gold/meteorites_by_decade_and_class")

    by_key = {"by": ["decade", "recclass"]}
    masses = gold.with_columns(pl.col("mass_g").fill_null(0.0))
    assert_frame_equal(masses.sort(**by_key), expected.sort(**by_key))
    assert gold["meteorites"].sum() == len(good)


@pytest.mark.usefixtures("meteorites")
@pytest.mark.parametrize(
    "name", ["silver/meteorite_landing", "gold/meteorites_by_decade_and_class"]
)
def test_spark_and_delta_rs_read_the_same_rows(
    whole_stack: Stack, spark: SparkSession, name: str
) -> None:
    folder = (whole_stack.data / "lake" / "landfall" / name).as_uri()
    by_spark = spark.read.format("delta").load(folder)

    by_delta_rs = table(whole_stack, name)

    assert by_spark.columns == by_delta_rs.columns
    assert rows_of_spark(by_spark.collect()) == rows_of_polars(by_delta_rs)


@pytest.mark.usefixtures("meteorites")
def test_a_second_run_of_a_window_changes_no_table(whole_stack: Stack) -> None:
    before = content(whole_stack)
    jobs = workspace(whole_stack).jobs
    (task,) = next(iter(jobs.list_runs(expand_tasks=True))).tasks
    same = SubmitTask(
        task_key="again", new_cluster=task.new_cluster, spark_python_task=task.spark_python_task
    )

    again = jobs.submit(run_name="again", tasks=[same]).result()

    assert again.state.result_state is RunResultState.SUCCESS
    assert content(whole_stack) == before


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "reply_lost", "operation": "jobs/runs/submit", "count": 1},
        {"kind": "too-many-requests", "operation": "jobs/runs/submit", "seconds": 1},
        {"kind": "unavailable", "operation": "jobs/runs/submit", "count": 2},
    ],
    ids=lambda fault: fault["kind"],
)
def test_a_submit_that_meets_a_fault_is_one_run_and_each_event_once(
    whole_stack: Stack, faults: Callable[..., None], fault: dict[str, Any]
) -> None:
    faults(**fault)

    status = send_telemetry_and_wait(whole_stack)

    assert_each_window_ran_once(whole_stack, status)


def test_a_run_that_fails_twice_is_tried_until_it_succeeds(
    whole_stack: Stack, faults: Callable[..., None]
) -> None:
    faults(kind="failing_run", count=2, message="RuntimeError: the driver was lost")

    status = send_telemetry_and_wait(whole_stack)

    (run,) = [run for run in status["transform"]["runs"] if run["attempt"] > 1]
    name = f"landfall window {run['window']}"
    assert (run["attempt"], run["state"], run["error"]) == (3, "succeeded", None)
    assert runs_by_name(whole_stack)[name] == ["FAILED", "FAILED", "SUCCESS"]
    assert_silver_is_what_landed(whole_stack)


def test_a_host_killed_between_submit_and_record_makes_one_run(
    whole_stack: Stack, faults: Callable[..., None], clear_faults: Callable[[], None]
) -> None:
    # Every reply to a submit is lost, so the host never comes to record the run that it made.
    faults(kind="reply_lost", operation="jobs/runs/submit", count=10_000)
    known = runs_by_name(whole_stack).keys()
    send_telemetry(whole_stack)
    wait_for(whole_stack, lambda _: runs_by_name(whole_stack).keys() > known)
    kill(whole_stack, "host")
    clear_faults()

    whole_stack.up()
    status = wait_until_transformed(whole_stack)

    assert_each_window_ran_once(whole_stack, status)


def test_a_dead_workspace_degrades_the_status_and_what_waits_goes_on_when_it_is_back(
    whole_stack: Stack,
) -> None:
    kill(whole_stack, "databricks")
    send_telemetry(whole_stack)
    degraded = wait_for(whole_stack, lambda status: status["state"] == "degraded")

    whole_stack.up()
    wait_until_transformed(whole_stack)

    assert "Databricks did not" in " ".join(degraded["reasons"])
    assert_silver_is_what_landed(whole_stack)


def send(stack: Stack, *arguments: str) -> None:
    """Send events, and wait until they are committed."""
    before = committed(get(stack, "/api/status"))
    report = produce(stack, *arguments)
    wait_for(stack, lambda status: committed(status) == before + report["sent"])


def committed(status: Document) -> int:
    return int(totals(status)["landed"] + totals(status)["quarantined"])


def send_telemetry(stack: Stack) -> None:
    send(stack, "--contract", "telemetry", "--count", "500", "--bad", "0.02")


def send_telemetry_and_wait(stack: Stack) -> Document:
    send_telemetry(stack)
    return wait_until_transformed(stack)


def assert_each_window_ran_once(stack: Stack, status: Document) -> None:
    """Every window has one run, but those of the test whose runs fail."""
    windows = {f"landfall window {run['window']}": run for run in status["transform"]["runs"]}
    runs = {name: ended for name, ended in runs_by_name(stack).items() if name in windows}
    assert runs == {
        name: ["FAILED"] * (run["attempt"] - 1) + ["SUCCESS"] for name, run in windows.items()
    }
    assert_silver_is_what_landed(stack)


def assert_silver_is_what_landed(stack: Stack) -> None:
    landed, _ = committed_records(stack)
    expected = {identity(row) for row in landed if "event_id" in row}
    silver = [identity(row) for row in table(stack, "silver/telemetry").to_dicts()]
    assert len(silver) == len(expected)
    assert set(silver) == expected


def identity(row: Document) -> tuple[Any, ...]:
    origin = row["_landfall"]
    return tuple(origin[name] for name in ("hub", "generation", "partition_id", "sequence_number"))


def content(stack: Stack) -> dict[str, list[Any]]:
    """Every row of every table."""
    folders = (lake_folder(stack) / layer for layer in ("silver", "gold"))
    tables = sorted(path for folder in folders for path in folder.iterdir())
    return {str(path): rows_of_polars(pl.read_delta(str(path))) for path in tables}


def rows_of_polars(frame: pl.DataFrame) -> list[str]:
    return sorted(str(without_zones(row)) for row in frame.to_dicts())


def rows_of_spark(rows: list[Row]) -> list[str]:
    return sorted(str(without_zones(row.asDict(recursive=True))) for row in rows)


def without_zones(value: Any) -> Any:
    """The same instants as polars and Spark give them: in UTC, the zone not said."""
    match value:
        case datetime():
            return value.replace(tzinfo=None)
        case dict():
            return {name: without_zones(item) for name, item in value.items()}
        case list():
            return [without_zones(item) for item in value]
        case _:
            return value

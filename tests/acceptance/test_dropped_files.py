"""A file dropped into the blob container becomes silver, gold and quarantine."""

import json
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueClient
from fastavro import reader

from local.account import Document, lake_folder, wait_until_transformed
from local.dropzone import drop_file
from local.stack import Stack
from tests.acceptance.steps import METEORITES, NASA, runs_by_name, table, wait_for

SMALL = """name,id,nametype,recclass,mass (g),fall,year,reclat,reclong,GeoLocation
Aachen,1,Valid,L5,21,Fell,1880,50.775000,6.083330,"(50.775, 6.08333)"
"Somewhere, far",2,Relict,"Iron, IVA",,Found,,,,
Beyond,3,Valid,H6,0.15,Found,1952,1.5,354.473330,"(1.5, 354.47333)"
"""
DROPPED = "meteorite_landing/meteorites.csv"


@pytest.fixture(scope="module")
def meteorites(whole_stack: Stack) -> Document:
    """NASA's file where it is, else a small one; dropped, and its run ended."""
    content = METEORITES.read_bytes() if NASA.is_dir() else SMALL.encode()
    drop(whole_stack, DROPPED, content)
    wait_for(whole_stack, lambda status: bool(status["dropzone"]))
    (entry,) = wait_until_transformed(whole_stack)["dropzone"]
    return {"entry": entry, "content": content}


def test_every_row_is_in_silver_once_or_in_quarantine_with_its_reason(
    whole_stack: Stack, meteorites: Document
) -> None:
    rows = meteorites["content"].decode().count("\n") - 1

    silver = table(whole_stack, "silver/meteorite_landing")

    entry, bad = meteorites["entry"], quarantined(whole_stack)
    assert (entry["path"], entry["contract"]) == (DROPPED, "meteorite_landing/1")
    assert (entry["rows_in"], entry["rows_out"], entry["rows_quarantined"]) == (rows, rows - 1, 1)
    assert len(silver) == silver["_landfall"].n_unique() == rows - 1
    assert [(row["reason"], row["path"]) for row in bad] == [("rule_maximum", "reclong")]
    assert b'"reclong":354.47333' in bad[0]["body"]


def test_gold_adds_up_to_silver(whole_stack: Stack, meteorites: Document) -> None:
    gold = table(whole_stack, "gold/meteorites_by_decade_and_class")

    assert gold["meteorites"].sum() == meteorites["entry"]["rows_out"]


def test_the_same_file_again_runs_no_job_and_a_changed_one_does(
    whole_stack: Stack, meteorites: Document
) -> None:
    before = table(whole_stack, "silver/meteorite_landing")
    drop(whole_stack, DROPPED, meteorites["content"])
    wait_for(whole_stack, lambda _: received(whole_stack, DROPPED)[1:] == [False])
    runs = runs_by_name(whole_stack)
    unchanged = table(whole_stack, "silver/meteorite_landing")

    drop(whole_stack, DROPPED, b"".join(meteorites["content"].splitlines(keepends=True)[:2]))
    wait_for(whole_stack, lambda status: len(status["dropzone"]) == 2)
    wait_until_transformed(whole_stack)

    assert runs == {f"landfall upload {DROPPED}": ["SUCCESS"]}
    assert unchanged.equals(before)
    assert runs_by_name(whole_stack) == {f"landfall upload {DROPPED}": ["SUCCESS", "SUCCESS"]}
    assert len(table(whole_stack, "silver/meteorite_landing")) == len(before) + 1


@pytest.mark.usefixtures("meteorites")
def test_files_that_cannot_be_used_are_failed_entries_and_no_poison(whole_stack: Stack) -> None:
    refusals = {
        "nobody/a.csv": (b"id\n1\n", "no contract is named 'nobody'"),
        "beside.csv": (b"id\n1\n", "beside.csv is in no contract's folder"),
        "telemetry/a.parquet": (b"no parquet", "telemetry/a.parquet"),
        "telemetry/a.csv": (b"device\nx\n", "column 'device': neither a field of telemetry/1"),
    }
    for path, (content, _) in refusals.items():
        drop(whole_stack, path, content)

    status = wait_for(whole_stack, lambda status: set(refusals) <= failed(status).keys())

    for path, (_, reason) in refusals.items():
        assert reason in failed(status)[path]
    assert status["state"] == "ok"
    assert poison_messages(whole_stack) == 0


def drop(stack: Stack, path: str, content: bytes) -> None:
    """Put a blob at this path of the drop zone."""
    file = stack.data / "dropped"
    file.write_bytes(content)
    drop_file(settings_of(stack), file, path)


def received(stack: Stack, path: str) -> list[bool]:
    """For each time that the host handed the file over: whether it was new."""
    log = (stack.data / "logs" / "host.log").read_text()
    lines = [line[line.index("{") :] for line in log.splitlines() if '"upload_received"' in line]
    return [line["is_new"] for line in map(json.loads, lines) if line["path"] == path]


def failed(status: Document) -> dict[str, str]:
    return {item["path"]: item["error"] for item in status["dropzone"] if item["state"] == "failed"}


def quarantined(stack: Stack) -> list[Any]:
    records = []
    for path in sorted(Path(lake_folder(stack)).glob("quarantine/*/*/dropzone-*/*.avro")):
        with path.open("rb") as file:
            records += list(reader(file))
    return records


def poison_messages(stack: Stack) -> int:
    connection = settings_of(stack)["LANDFALL_DROPZONE"]
    with QueueClient.from_connection_string(connection, "webjobs-blobtrigger-poison") as queue:
        try:
            return int(queue.get_queue_properties().approximate_message_count or 0)
        except ResourceNotFoundError:
            return 0


def settings_of(stack: Stack) -> dict[str, str]:
    return dict(json.loads(stack.file.read_text())["settings"])

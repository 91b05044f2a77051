"""Rows and manifests of earlier and of later deployments, as they stand in the table and the lake.

The texts are written out: what a new writer writes must not change what an old row is.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ops.audit.windows import parse_manifest
from shared.adapters.documents import FORMAT
from shared.adapters.ledger_entities import (
    batch_entities,
    closed_entity,
    head_entity,
    index_entity,
    parse_batch,
    parse_closed,
    parse_head,
    parse_index,
)
from shared.adapters.work_entities import (
    backlog_entity,
    parse_backlog,
    parse_work,
    seen_entity,
    work_entity,
)
from shared.errors import UnreadableFormatError
from shared.hub.address import PartitionAddress
from shared.ledger.batch import CommittedBatch, Counts, LandedFile
from shared.ledger.partition import Gap, GapState
from shared.transform.windows import Backlog, Window
from shared.transform.work import RunFigures, WorkState
from tests.builders import (
    a_commit,
    a_generation,
    a_partition,
    a_range,
    a_time,
    a_work,
    an_address,
)

Row = dict[str, Any]
AT = "2026-01-01T00:00:05+00:00"
FIVE = a_time(5)


def a_row(partition_key: str, row_key: str, text: str) -> Row:
    """A row as it stood before rows had a format; long ones are cut into several properties."""
    half = len(text) // 2
    parts = {"json00": text[:half], "json01": text[half:]}
    return {"PartitionKey": partition_key, "RowKey": row_key, **parts}


INDEX_ROW = {
    "PartitionKey": "heads",
    "RowKey": "hub:00003",
    "hub": "hub",
    "partition_id": "3",
}
ENDED_TEXT = (
    '{"hub":"hub","partition_id":"3","generation":0,"start":0,"head":9,'
    f'"head_enqueued_at":"{AT}","gaps":[[2,3,"lost","{AT}"]],"duplicates":1,"commits":2,'
    '"counts":{"simple/1":[6,1,{"invalid_json":1}]}}'
)
HEAD_ROW = a_row(
    "hub:00003",
    "head",
    '{"hub":"hub","partition_id":"3","generation":1,"start":0,"head":5,'
    f'"head_enqueued_at":"{AT}","gaps":[],"duplicates":0,"commits":4,"counts":{{}},'
    f'"earliest_enqueued_at":null,"latest_enqueued_at":"{AT}","hub_created_at":"{AT}",'
    f'"ended":[{ENDED_TEXT}]}}',
)
CLOSED_ROW = a_row("hub:00003", "closed:00000", ENDED_TEXT)
BATCH_ROW = a_row(
    "hub:00003",
    "batch:00000:00000000000000000000",
    '{"batch_id":"hub/p003/0-4","number":1,"hub":"hub","partition_id":"3","generation":0,'
    '"ranges":[[0,4]],"files":[["bronze/x.avro","simple/1",5,100,"ab"]],'
    '"counts":{"simple/1":[5,0,{}]},'
    f'"first_enqueued_at":"{AT}","last_enqueued_at":"{AT}","committed_at":"{AT}"}}',
)
BACKLOG_ROW = a_row(
    "transform",
    "backlog",
    '{"scanned":{"hub/0":7,"a/b/12":3},"held":{"telemetry/1":{"hub/0":5}},'
    f'"pending_batches":2,"oldest_pending_at":"{AT}"}}',
)
WORK_ROW = a_row(
    "transform",
    "active:01767225605.000000:w-1",
    '{"kind":"window","work_id":"w-1","contract":"telemetry/1","path":"w.json","source":"w-1",'
    f'"created_at":"{AT}","state":"submitted","attempt":2,"not_before":null,"run_id":7,'
    f'"url":"http://run/7","submitted_at":"{AT}","ended_at":null,'
    '"figures":{"rows_in":1,"rows_out":1,"rows_quarantined":null},"error":null}',
)
MANIFEST = b"""{
 "window": "w-1",
 "contract": "telemetry",
 "version": 1,
 "files": [{"path": "bronze/x.avro", "records": 5, "bytes": 100, "sha256": "ab"}]
}"""
FILE = LandedFile(path="bronze/x.avro", contract="simple/1", records=5, bytes=100, sha256="ab")
READ: Mapping[str, tuple[Callable[[Row], Any], Row]] = {
    "index": (parse_index, INDEX_ROW),
    "head": (parse_head, HEAD_ROW),
    "closed": (parse_closed, CLOSED_ROW),
    "batch": (parse_batch, BATCH_ROW),
    "backlog": (parse_backlog, BACKLOG_ROW),
    "work": (parse_work, WORK_ROW),
}


def test_an_index_row_from_before_formats_is_read() -> None:
    assert parse_index(INDEX_ROW) == an_address("3")


def test_a_head_from_before_formats_is_read_with_its_ended_generations() -> None:
    lost = Gap(range=a_range(2, 3), state=GapState.LOST, since=FIVE)
    counts = {"simple/1": Counts(landed=6, quarantined=1, reasons={"invalid_json": 1})}
    ended = a_generation(0, 9, lost, head_enqueued_at=FIVE, duplicates=1, counts=counts)

    assert parse_head(HEAD_ROW) == a_partition(
        0,
        5,
        address=an_address("3"),
        commits=4,
        ended=(ended,),
        number=1,
        head_enqueued_at=FIVE,
        latest_enqueued_at=FIVE,
        hub_created_at=FIVE,
    )
    assert parse_closed(CLOSED_ROW) == ended


def test_a_batch_from_before_formats_is_read() -> None:
    assert parse_batch(BATCH_ROW) == CommittedBatch(
        batch_id="hub/p003/0-4",
        number=1,
        address=an_address("3"),
        generation=0,
        ranges=(a_range(0, 4),),
        files=(FILE,),
        counts={"simple/1": Counts(landed=5)},
        first_enqueued_at=FIVE,
        last_enqueued_at=FIVE,
        committed_at=FIVE,
    )


def test_a_backlog_from_before_formats_is_read() -> None:
    first, other = an_address("0"), PartitionAddress(hub="a/b", partition_id="12")

    assert parse_backlog(BACKLOG_ROW) == Backlog(
        scanned={first: 7, other: 3},
        held={"telemetry/1": {first: 5}},
        pending_batches=2,
        oldest_pending_at=FIVE,
    )


def test_work_from_before_formats_is_read() -> None:
    assert parse_work(WORK_ROW) == a_work(
        "w-1",
        5,
        path="w.json",
        state=WorkState.SUBMITTED,
        attempt=2,
        submission=2,
        run_id=7,
        url="http://run/7",
        submitted_at=FIVE,
        figures=RunFigures(rows_in=1, rows_out=1),
    )


def test_a_manifest_from_before_formats_is_read() -> None:
    manifest = parse_manifest("w-1", MANIFEST, is_given=True)

    assert manifest.error == ""
    assert [(file.path, file.contract) for file in manifest.files] == [
        ("bronze/x.avro", "telemetry/1")
    ]


@pytest.mark.parametrize("kind", READ)
def test_a_row_of_a_later_format_is_refused_by_its_name_and_says_what_to_do(kind: str) -> None:
    parse, row = READ[kind]
    later = {**row, FORMAT: 2}

    with pytest.raises(UnreadableFormatError) as raised:
        parse(later)

    assert str(raised.value) == (
        "it has format 2, and this code reads formats up to 1"
        f" row={row['PartitionKey']} {row['RowKey']}"
        " (deploy the version of Landfall that wrote it, or a newer one)"
    )


@pytest.mark.parametrize("kind", READ)
@pytest.mark.parametrize("version", [0, -1, "1", None, 1.5])
def test_what_is_no_format_is_refused(kind: str, version: object) -> None:
    parse, row = READ[kind]

    with pytest.raises(UnreadableFormatError, match=f"it has format {version}"):
        parse({**row, FORMAT: version})


def test_a_manifest_of_a_later_format_is_unreadable_and_says_what_to_do() -> None:
    later = json.dumps(json.loads(MANIFEST) | {"format": 2}).encode()

    manifest = parse_manifest("w-1", later, is_given=True)

    assert manifest.files == ()
    assert manifest.error.startswith("UnreadableFormatError: it has format 2")
    assert "deploy the version of Landfall that wrote it" in manifest.error


@pytest.mark.parametrize("kind", ["head", "closed", "batch", "backlog", "work"])
def test_a_field_that_a_later_deployment_added_is_ignored(kind: str) -> None:
    parse, row = READ[kind]
    document = json.loads(row["json00"] + row["json01"])
    added = {"a_later_field": [1, {"x": None}]}
    figures = {"figures": document["figures"] | added} if "figures" in document else {}
    ended = {"ended": [known | added for known in document.get("ended", [])]}
    later = json.dumps(document | added | figures | ended)

    assert parse(a_row(row["PartitionKey"], row["RowKey"], later)) == parse(row)


def test_a_property_that_a_later_deployment_added_to_an_index_row_is_ignored() -> None:
    assert parse_index({**INDEX_ROW, "a_later_property": "x"}) == an_address("3")


def test_each_row_that_is_written_says_its_format() -> None:
    partition = a_partition(0, 5)
    rows = [
        index_entity(an_address()),
        head_entity(partition),
        closed_entity(partition, a_generation()),
        *batch_entities(a_commit(a_range(0, 4))),
        backlog_entity(Backlog()),
        work_entity(a_work()),
        seen_entity(a_work()),
    ]

    assert {row[FORMAT] for row in rows} == {1}


def test_a_manifest_that_is_written_says_its_format() -> None:
    window = Window(window_id="w-1", contract="telemetry/1", files=(FILE,))

    assert json.loads(window.manifest)["format"] == 1


def test_work_that_the_platform_interrupted_is_read_back_as_it_was_written() -> None:
    work = a_work("w-1", 5, attempt=2, submission=5, interruptions=3)

    assert parse_work(work_entity(work)) == work

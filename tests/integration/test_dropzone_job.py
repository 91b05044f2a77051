"""The drop zone's job on real Spark: it judges as `ingest` does, row for row."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fastavro
import polars as pl
import pytest
from pyspark.sql import SparkSession

from jobs.dropzone import find_contract, run_dropzone
from tests.integration.dropped_files import AT, an_upload, judged_by_ingest, judged_by_spark
from tests.integration.pipeline import good_telemetry
from tests.integration.spark_fixture import IGNORING_UNCLOSED_SOCKETS

pytestmark = IGNORING_UNCLOSED_SOCKETS
METEORITES = (
    "name,id,nametype,recclass,mass (g),fall,year,reclat,reclong,GeoLocation\n"
    'Aachen,1,Valid,L5,21,Fell,1880,50.775000,6.083330,"(50.775, 6.08333)"\n'
    '"Say ""Hi"", Ort\u00e9\nsecond line",5,Relict,"Iron, IVA",,Found,,,,\n'
    "Beyond,3,Valid,H6,0.15,Found,1952,1.5,354.473330,\n"
    "Not a number,x,Valid,H6,1e999,Found,19.5,nan,1_0,\n"
    " Spaces , 4,Valid,H6,1,Fell,2000,0,0,\n"
    '"",6,"",H6,"",Fell,2000,0,0,\n'
    "Short,7,Valid,H6,1,Fell\n"
    "\n"
    ",,,,,,,,,\n"
    "'Quoted',8,Valid,\"a\\b\",1,Fell,2000,0,0,#\n"
)
APPROACH = ["2020 AY1", "18", "2458849.5", "2020-Jan-01 00:54", "0.02", "0.01", "0.03", "5.6"]
APPROACHES = {
    "fields": ["des", "orbit_id", "jd", "cd", "dist", "dist_min", "dist_max", "v_rel", "v_inf",
               "t_sigma_f", "h"],
    "data": [
        [*APPROACH, "5.5", "< 00:01", "25.1"],
        [*APPROACH, None, "< 00:01", None],
        [*APPROACH, "much", "< 00:01", 29],
        [*APPROACH[:3], "2020-Foo-01 00:54", *APPROACH[4:], "5.5", "< 00:01", "29."],
    ],
}  # fmt: skip
LINES: list[bytes] = [
    b"\xef\xbb\xbf" + json.dumps(good_telemetry()).encode(),
    b"",
    b"  " + json.dumps(good_telemetry(temperature=None)).encode() + b" \r",
    b"{broken",
    b'{"event_id":1,"event_id":2}',
    b"\xff\xfe not UTF-8",
    json.dumps(good_telemetry(temperature=float("nan"))).encode(),
    json.dumps(good_telemetry(reading_number=2**63)).encode(),
    json.dumps(good_telemetry(note="\u2028 \u00e9", unknown=1), ensure_ascii=False).encode(),
    b"[1]",
    b"\t",
    json.dumps(good_telemetry(attributes={"k": "v"}, tags=["a", "b"])).encode(),
]
TYPED = {
    "type": "record",
    "name": "Typed",
    "fields": [
        {"name": "event_id", "type": "string"},
        {"name": "event_type", "type": "string"},
        {"name": "device_id", "type": "string"},
        {"name": "occurred_at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "temperature", "type": ["null", "double"]},
        {"name": "pressure", "type": ["string", "double", "null"]},
        {"name": "reading_number", "type": "long"},
        {"name": "ok", "type": "boolean"},
        {
            "name": "position",
            "type": [
                "null",
                {
                    "type": "record",
                    "name": "P",
                    "fields": [
                        {"name": "latitude", "type": "double"},
                        {"name": "longitude", "type": "double"},
                    ],
                },
            ],
        },
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "attributes", "type": {"type": "map", "values": "string"}},
        {"name": "note", "type": ["null", "string"]},
    ],
}


def typed_rows() -> list[dict[str, Any]]:
    at = {"occurred_at": datetime(2026, 7, 1, 12, 30, 0, 123456, tzinfo=UTC)}
    return [
        good_telemetry(**at),
        good_telemetry(**at, pressure="high"),
        good_telemetry(**at, pressure=None, temperature=1e9),
        good_telemetry(**at, tags=[], attributes={}, event_id="nobody"),
    ]


def write_avro(path: Path) -> None:
    with path.open("wb") as file:
        fastavro.writer(file, TYPED, typed_rows())


def write_parquet(path: Path) -> None:
    plain = {"pressure": 1000.5, "temperature": 20.0}
    rows = [row | plain for row in typed_rows()]
    left_out = [{k: v for k, v in row.items() if k != "attributes"} for row in rows]
    pl.DataFrame(left_out).write_parquet(path)


FILES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "m.csv": ("meteorite_landing", lambda path: path.write_text(METEORITES, encoding="utf-8")),
    "a.json": ("close_approach", lambda path: path.write_text(json.dumps(APPROACHES))),
    "array.json": (
        "telemetry",
        lambda path: path.write_text(
            json.dumps([good_telemetry(), 7, good_telemetry(ok="no")], indent=1)
        ),
    ),
    "t.jsonl": ("telemetry", lambda path: path.write_bytes(b"\n".join(LINES))),
    "t.ndjson": ("telemetry", lambda path: path.write_bytes(b"\r\n".join(LINES[:5]) + b"\r\n")),
    "t.avro": ("telemetry", write_avro),
    "t.parquet": ("telemetry", write_parquet),
}


@pytest.mark.parametrize("name", FILES)
def test_spark_judges_each_row_as_ingest_judges_what_the_producer_sends_of_it(
    spark: SparkSession, tmp_path: Path, name: str
) -> None:
    contract_name, write = FILES[name]
    write(tmp_path / name)
    contract = find_contract(contract_name)

    judged = judged_by_spark(spark, tmp_path / name, contract)

    assert judged == judged_by_ingest(tmp_path / name, contract)
    assert {kind for kind, *_ in judged.values()} == {"accepted", "rejected"}


def test_good_rows_reach_silver_and_bad_ones_quarantine_and_twice_changes_nothing(
    spark: SparkSession, tmp_path: Path
) -> None:
    (tmp_path / "m.csv").write_text(METEORITES, encoding="utf-8")
    dropped = an_upload(tmp_path / "m.csv", find_contract("meteorite_landing"))
    lake = tmp_path / "lake"

    first = run_dropzone(spark, dropped, lake.as_uri())
    content = silver(spark, lake), quarantined(lake)
    again = run_dropzone(spark, dropped, lake.as_uri())

    assert (first.rows_in, first.rows_out, first.merged, first.rows_quarantined) == (8, 4, 4, 4)
    assert (again.rows_out, again.merged, again.duplicates) == (4, 0, 4)
    assert (silver(spark, lake), quarantined(lake)) == content
    assert [origin for origin, *_ in content[0]] == [
        ("dropzone", 0, "u-1", number, AT.replace(tzinfo=None)) for number in (0, 1, 6, 7)
    ]
    assert [(reason, path) for reason, path, _ in content[1]] == [
        ("rule_maximum", "reclong"),
        ("wrong_type", "id"),
        ("wrong_type", "id"),
        ("rule_min_length", "name"),
    ]


def test_what_is_dropped_and_what_is_landed_share_one_silver_table(
    spark: SparkSession, tmp_path: Path
) -> None:
    (tmp_path / "t.jsonl").write_bytes(LINES[0])
    lake = tmp_path / "lake"

    run_dropzone(spark, an_upload(tmp_path / "t.jsonl", find_contract("telemetry")), lake.as_uri())

    fields = spark.read.format("delta").load(f"{lake.as_uri()}/silver/telemetry").schema
    assert '"nullable":false' not in fields.json()
    assert [field.name for field in fields][-1] == "_landfall"


def test_a_contract_that_was_not_packaged_is_named() -> None:
    with pytest.raises(LookupError, match="deploy the jobs' wheel anew"):
        find_contract("door_event/1")


def silver(spark: SparkSession, lake: Path) -> list[tuple[Any, ...]]:
    frame = spark.read.format("delta").load(f"{lake.as_uri()}/silver/meteorite_landing")
    rows = [(tuple(row["_landfall"]), row["name"], row["mass_g"]) for row in frame.collect()]
    return sorted(rows)


def quarantined(lake: Path) -> list[tuple[str, str, bytes]]:
    records = []
    for path in (lake / "quarantine" / "dt=2026-01-02" / "hr=03" / "dropzone-u-1").glob("*.avro"):
        with path.open("rb") as file:
            records += list(fastavro.reader(file))
    records.sort(key=lambda record: record["_landfall"]["sequence_number"])
    return [(record["reason"], record["path"], record["body"]) for record in records]

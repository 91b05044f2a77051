import json
from fractions import Fraction

import polars as pl
import pytest
from fastavro import parse_schema, writer

from producer.errors import UsageError
from producer.source import file_events
from shared.encoding.judging import AcceptedEvent
from shared.errors import UnusableFileError
from shared.files.rows import require_fields
from tests.builders import a_contract
from tests.unit.producer.producer_builders import (
    approach_values,
    contract,
    judged,
    meteorite_values,
    rejected,
)

METEORITES = """name,id,nametype,recclass,mass (g),fall,year,reclat,reclong,GeoLocation
Aachen,1,Valid,L5,21,Fell,1880,50.775000,6.083330,"(50.775, 6.08333)"
"Say ""Hi"", Ort\u00e9",5,Relict,H6,,Found,,,,
Meridiani Planum,32789,Valid,"Iron, IAB",,Found,2005,-1.946170,354.473330,"(-1.94, 354.47)"
"""
APPROACHES = {
    "count": 2,
    "fields": ["des", "orbit_id", "jd", "cd", "dist", "dist_min", "dist_max", "v_rel", "v_inf",
               "t_sigma_f", "h"],
    "data": [
        ["2020 AY1", "18", "2458849.537524496", "2020-Jan-01 00:54", "0.0211660525256395",
         "0.0211628345552616", "0.0211692704882042", "5.62203195551878", "5.59959589405614",
         "< 00:01", "25.1"],
        ["2013 EC20", "13", "2458849.646807170", "2020-Dec-31 23:59", "0.162008280404152",
         "0.16", "0.17", "2.79", None, "3_08:05", "29."],
    ],
}  # fmt: skip


def replayed(path, name, body_format="json", bad="0"):
    return list(file_events(contract(name), path, Fraction(bad), body_format))


def values(events):
    return [json.loads(event.body) for event in events]


@pytest.fixture
def meteorites(tmp_path):
    path = tmp_path / "meteorites.csv"
    path.write_text(METEORITES, encoding="utf-8")
    return path


@pytest.fixture
def approaches(tmp_path):
    path = tmp_path / "approaches.json"
    path.write_text(json.dumps(APPROACHES))
    return path


def test_each_meteorite_equals_its_row(meteorites):
    assert values(replayed(meteorites, "meteorite_landing")) == meteorite_values(meteorites)


@pytest.mark.parametrize("body_format", ["json", "avro"])
def test_the_one_meteorite_on_mars_is_sent_and_alone_breaks_its_contract(meteorites, body_format):
    events = replayed(meteorites, "meteorite_landing", body_format)
    assert rejected(events) == [("rule_maximum", "reclong", 2)]


def test_each_close_approach_equals_its_row_and_keeps_its_contract(approaches):
    events = replayed(approaches, "close_approach")
    assert values(events) == approach_values(approaches)
    assert rejected(events) == []


def test_nasas_times_are_utc_with_an_offset(approaches):
    events = values(replayed(approaches, "close_approach"))
    times = [event["close_approach_at"] for event in events]
    assert times == ["2020-01-01T00:54:00+00:00", "2020-12-31T23:59:00+00:00"]


LINES = [
    b'{"weight": 1.50, "items": ["a"], "seals": {}, "carrier": {"code": "X"}, '
    b'"checked": true, "tag": 12345678901234567}',
    b'{"tag": "\xc3\xa9", "checked": false, "carrier": null, "seals": {"k": {"id": '
    b'"6f1f2c0e-0000-4000-8000-000000000000", "count": 1}}, "items": [], "weight": 3}',
]


@pytest.mark.parametrize("suffix", ["jsonl", "ndjson"])
def test_json_lines_of_a_contract_are_sent_byte_for_byte(tmp_path, suffix):
    path = tmp_path / f"shipments.{suffix}"
    path.write_bytes(b"\n\r\n".join(LINES))
    events = replayed(path, "shipment")
    assert [event.body for event in events] == LINES
    assert rejected(events) == []


def test_a_byte_order_mark_is_the_files_and_not_the_first_events(tmp_path):
    path = tmp_path / "shipments.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + b"\n".join(LINES))
    assert [event.body for event in replayed(path, "shipment")] == LINES


def test_a_broken_line_is_sent_for_the_service_to_judge(tmp_path):
    path = tmp_path / "shipments.jsonl"
    path.write_bytes(b"\n".join([LINES[0], b'{"weight": ', b"7", b'{"wight": 1}']))
    events = replayed(path, "shipment")
    assert [item[0] for item in rejected(events)] == [
        "invalid_json",
        "not_an_object",
        "unknown_field",
    ]


def test_a_json_arrays_elements_are_sent_as_they_are_written(tmp_path):
    path = tmp_path / "shipments.json"
    path.write_bytes(b"[ \n" + b" ,\n ".join(LINES) + b"]\n")
    assert [event.body for event in replayed(path, "shipment")] == LINES


@pytest.mark.parametrize("text", ['[{"a": 1} {"a": 2}]', "[{}", "[1] 2", "{}", "[1,]", ""])
def test_json_that_is_neither_array_nor_table_is_refused_before_anything_is_sent(tmp_path, text):
    path = tmp_path / "events.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"events\.json"):
        replayed(path, "shipment")


def test_json_lines_with_a_mappings_columns_are_mapped(tmp_path):
    path = tmp_path / "approaches.jsonl"
    row = dict(zip(APPROACHES["fields"], APPROACHES["data"][0], strict=True))
    path.write_text(json.dumps(row) + "\nbroken\n")
    events = replayed(path, "close_approach")
    assert values(events[:1])[0]["dist_au"] == 0.0211660525256395
    assert events[1].body == b"broken"


def test_a_csv_with_the_contracts_fields_is_converted_by_their_types(tmp_path):
    path = tmp_path / "shipments.csv"
    path.write_text(
        "weight,due,items,seals,carrier,checked,tag\r\n"
        '1.50,2026-01-31,"[""a"", ""b""]",{},,TRUE,007x\r\n'
        'heavy,,none,{},"{""code"": ""AB""}",maybe,12\r\n'
    )
    events = replayed(path, "shipment")
    assert values(events) == [
        {"weight": 1.5, "due": "2026-01-31", "items": ["a", "b"], "seals": {}, "carrier": None,
         "checked": True, "tag": "007x"},
        {"weight": "heavy", "due": None, "items": "none", "seals": {}, "carrier": {"code": "AB"},
         "checked": "maybe", "tag": 12},
    ]  # fmt: skip
    assert rejected(events) == [("wrong_type", "weight", 1)]


def test_a_table_with_a_column_that_nothing_explains_is_refused(tmp_path):
    path = tmp_path / "shipments.csv"
    path.write_text("weight,colour\n1,red\n")
    with pytest.raises(UsageError, match="'colour'"):
        replayed(path, "shipment")


def test_parquet_keeps_its_types_and_nested_values(tmp_path):
    path = tmp_path / "shipments.parquet"
    frame = pl.DataFrame(
        {"weight": [0.1], "items": [["a"]], "carrier": [{"code": "AB"}], "checked": [True]}
    )
    frame.with_columns(pl.lit("2026-01-31").str.to_date().alias("due")).write_parquet(path)
    assert values(replayed(path, "shipment")) == [
        {
            "weight": 0.1,
            "items": ["a"],
            "carrier": {"code": "AB"},
            "checked": True,
            "due": "2026-01-31",
        }
    ]


@pytest.mark.parametrize("body_format", ["json", "avro"])
def test_an_avro_file_of_the_lake_is_sent_again_without_its_origin(tmp_path, body_format):
    path = tmp_path / "bronze.avro"
    landed = contract("telemetry").landed_schema
    record = {
        "event_id": "6f1f2c0e-0000-4000-8000-000000000000", "event_type": "alarm",
        "device_id": "d", "occurred_at": 1_767_225_600_000_001, "temperature": None,
        "pressure": 0.1, "reading_number": 1, "ok": True,
        "position": {"latitude": 1.0, "longitude": 2.0}, "tags": ["a"], "attributes": {"k": "v"},
        "note": None,
    }  # fmt: skip
    origin = {
        "hub": "h", "generation": 0, "partition_id": "0", "sequence_number": 1, "enqueued_at": 1,
    }  # fmt: skip
    with path.open("wb") as file:
        writer(file, parse_schema(landed), [{**record, "_landfall": origin}])
    (event,) = replayed(path, "telemetry", body_format)
    outcome = judged(event)
    assert isinstance(outcome, AcceptedEvent)
    assert outcome.record == record
    assert event.partition_key == "d"


def test_a_column_may_be_called_by_its_fields_alias(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("old,other\r\n007,x\r\n")
    fields = (
        {"name": "new", "type": "long", "aliases": ["old"]},
        {"name": "other", "type": "string"},
    )
    renamed = a_contract(*fields)

    (event,) = file_events(renamed, path, Fraction(), "json")

    assert event.body == b'{"old":7,"other":"x"}'
    require_fields(["old", "other"], renamed, is_text=False)
    with pytest.raises(UnusableFileError, match="no column for 'new'"):
        require_fields(["other"], renamed, is_text=False)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", b"x"),
        ("a.parquet", b"no parquet"),
        ("a.avro", b"no avro"),
        ("a.json", b"{"),
        ("a.csv", b""),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UsageError, match=name):
        replayed(path, "shipment")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"gone\.csv"):
        replayed(tmp_path / "gone.csv", "shipment")


def test_bad_events_come_in_addition_to_a_files_rows(tmp_path):
    path = tmp_path / "meteorites.csv"
    path.write_text(METEORITES)
    events = replayed(path, "meteorite_landing", bad="0.5")
    assert len([event for event in events if event.known_bad is None]) == 3
    assert [reason for reason, _, _ in rejected(e for e in events if e.known_bad)] == [
        event.known_bad for event in events if event.known_bad
    ]


def test_a_file_cannot_be_of_bad_events_alone(tmp_path):
    with pytest.raises(UsageError, match="below 1"):
        replayed(tmp_path / "any.csv", "shipment", bad="1")

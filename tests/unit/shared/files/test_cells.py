from datetime import datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.files.cells import (
    OMITTED,
    convert_cell,
    convert_text,
    convert_value,
)
from shared.values.avro_types import Array, AvroDecimal, Field, Fixed, Map, Primitive, Record, Union
from shared.values.json_body import encode_json
from tests.unit.producer.producer_builders import contract

DOUBLE = Primitive(kind="double")
INT = Primitive(kind="int")
STRING = Primitive(kind="string")
BYTES = Primitive(kind="bytes")
NULL = Primitive(kind="null")
UUID16 = Fixed(full_name="U", size=16, logical="uuid")
MONEY = AvroDecimal(storage=BYTES, precision=30, scale=2)
LOCAL = Primitive(kind="long", logical="local-timestamp-micros")
NO_ZONE = datetime.fromisoformat("2026-01-01T02:00:00")
AN_HOUR_AHEAD = timezone(timedelta(hours=1))
RAW = Field(name="raw", type=BYTES)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_numbers_text_becomes_the_very_number_that_it_writes(number):
    assert convert_text(repr(number), DOUBLE) == number


@pytest.mark.parametrize(
    "text", ["nan", "inf", "1e999", "1_000", "1,5", " 1", "0x1", "\u0661", "1.2.3", "-", "."]
)
def test_text_that_is_no_number_stays_text(text):
    assert convert_text(text, DOUBLE) == text


@pytest.mark.parametrize(("text", "value"), [("29.", 29.0), (".5", 0.5), ("-1E-3", -0.001)])
def test_numbers_are_read_as_they_are_published(text, value):
    assert convert_text(text, DOUBLE) == value


@pytest.mark.parametrize(("text", "value"), [("007", 7), ("-1", -1), ("1.0", "1.0"), ("x", "x")])
def test_only_whole_numbers_become_integers(text, value):
    converted = convert_text(text, INT)
    assert converted == value
    assert type(converted) is type(value)


def test_an_empty_cell_is_null_or_left_out_or_as_it_is():
    meteorite, telemetry = contract("meteorite_landing").record, contract("telemetry").record
    assert convert_cell("", meteorite.by_name["mass_g"]) is None
    assert convert_cell("", telemetry.by_name["tags"]) is OMITTED
    assert convert_cell("", Field(name="text", type=STRING)) == ""
    assert convert_cell("", Field(name="number", type=INT)) == ""


@pytest.mark.parametrize(
    ("text", "converted"),
    [
        ("1.50", "1.50"),
        ("+007.5", "7.5"),
        (".5", "0.5"),
        ("29.", "29"),
        ("1e99999999999999999999", "1E+999999999"),
        ("1,5", "1,5"),
        ("", ""),
    ],
)
def test_a_decimals_text_keeps_its_digits(text, converted):
    assert convert_text(text, MONEY) == converted


@pytest.mark.parametrize(
    ("value", "avro_type", "converted"),
    [
        (b"\xff", BYTES, "/w=="),
        (bytearray(b"\xff"), BYTES, "/w=="),
        (bytes(range(16)), UUID16, "00010203-0405-0607-0809-0a0b0c0d0e0f"),
        (b"short", UUID16, "c2hvcnQ="),
        (b"caf\xc3\xa9", STRING, "caf\u00e9"),
        (b"\xff", STRING, "\udcff"),
        (b"\xff", Union(branches=(NULL, BYTES)), "/w=="),
        ([b"\xff"], Array(items=BYTES), ["/w=="]),
        ({"k": b"\xff"}, Map(values=BYTES), {"k": "/w=="}),
        (
            {"raw": b"\xff", "other": b"\xff"},
            Record(full_name="R", fields=(RAW,), by_name={"raw": RAW}),
            {"raw": "/w==", "other": b"\xff"},
        ),
        (Decimal("1.50"), Primitive(kind="double"), 1.5),
        (Decimal("1.50"), MONEY, Decimal("1.50")),
        (NO_ZONE, LOCAL, "2026-01-01T02:00:00"),
        (
            datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=1))),
            LOCAL,
            "2026-01-01T01:00:00",
        ),
        ([NO_ZONE], Array(items=LOCAL), ["2026-01-01T02:00:00"]),
    ],
)
def test_what_json_has_no_form_for_is_written_as_its_type_is_read(value, avro_type, converted):
    assert convert_value(value, avro_type) == converted


@pytest.mark.parametrize(
    ("number", "text"),
    [("1.50", b"1.5"), ("-0", b"-0.0"), ("0.12345678901234567890", b'"0.12345678901234567890"')],
)
def test_a_decimal_is_written_with_all_its_digits(number, text):
    assert encode_json(Decimal(number)) == text


def test_what_has_no_field_is_still_written_in_some_form():
    written = encode_json({"at": time(1, 2, 3, 4), "day": NO_ZONE, "raw": b"\xff"})
    assert written == b'{"at":"01:02:03.000004","day":"2026-01-01T02:00:00+00:00","raw":"/w=="}'

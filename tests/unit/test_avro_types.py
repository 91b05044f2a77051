"""What each Avro type takes, as JSON and as Avro, and that it reads back as it was sent."""

import io
import json
from datetime import time
from decimal import Decimal
from typing import Any

import fastavro
import pytest

from shared.batch_encoding import encode_batch
from shared.container_file import Codec
from shared.contracts import Contract
from shared.judgement import AcceptedEvent, RejectedEvent, judge
from tests.builders import a_contract, a_state, an_event, contracts
from tests.every_type import every_type

EVERY = every_type()
FIXED = {"type": "fixed", "name": "F", "size": 3}
MONEY = {"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2}
LARGEST = {"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 0}
SMALLEST = {"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 38}
MONEY_FIXED = {**MONEY, "type": "fixed", "name": "M", "size": 4}
TIME_MILLIS = {"type": "int", "logicalType": "time-millis"}
TIME_MICROS = {"type": "long", "logicalType": "time-micros"}
LOCAL_MILLIS = {"type": "long", "logicalType": "local-timestamp-millis"}
LOCAL_MICROS = {"type": "long", "logicalType": "local-timestamp-micros"}
UUID16 = {"type": "fixed", "name": "U", "size": 16, "logicalType": "uuid"}


def of(avro_type: Any, **attributes: Any) -> Contract:
    return a_contract({"name": "x", "type": avro_type} | attributes)


def landed(contract: Contract, body: bytes, content_type: str | None = None) -> Any:
    """The field `x` as it is read back from the landed file."""
    event = an_event(body=body, content_type=content_type)
    (file,) = encode_batch([event], a_state(), contracts(contract), Codec()).files
    assert file.file.contract, list(fastavro.reader(io.BytesIO(file.data)))
    (record,) = fastavro.reader(io.BytesIO(file.data))
    return record["x"]


def landed_json(avro_type: Any, value: Any) -> Any:
    return landed(of(avro_type), json.dumps({"x": value}).encode())


def landed_avro(avro_type: Any, field: bytes) -> Any:
    return landed(of(avro_type), field, "avro/binary")


def refused(avro_type: Any, body: bytes, content_type: str | None = None) -> tuple[str, str]:
    found = judge(an_event(body=body, content_type=content_type), contracts(of(avro_type)))
    assert isinstance(found, RejectedEvent)
    return found.rejection.reason.value, found.rejection.path


def refused_json(avro_type: Any, value: Any) -> str:
    reason, path = refused(avro_type, json.dumps({"x": value}).encode())
    assert path == "x"
    return reason


@pytest.mark.parametrize(
    ("text", "data"), [("", b""), ("AA==", b"\0"), ("+/8=", b"\xfb\xff"), ("YWJj", b"abc")]
)
def test_bytes_are_base64_in_json(text: str, data: bytes) -> None:
    assert landed_json("bytes", text) == data


@pytest.mark.parametrize(
    "text",
    ["A", "AA", "AA=", "AA===", "AAAA=", "=", "-_8=", "AB==", "AA==\n", " AA==", "\xe9", "\ud800"],
)
def test_other_base64_is_refused(text: str) -> None:
    assert refused_json("bytes", text) == "bad_base64"


@pytest.mark.parametrize("value", [1, None, True, [1], {"x": 1}])
def test_only_text_is_base64(value: Any) -> None:
    assert refused_json("bytes", value) == "wrong_type"


def test_a_fixed_is_exactly_its_size() -> None:
    assert landed_json(FIXED, "YWJj") == b"abc"
    assert refused_json(FIXED, "YWI=") == "out_of_range"
    assert refused_json(FIXED, "YWJjZA==") == "out_of_range"


def test_a_uuid_of_sixteen_bytes_is_written_as_one_in_json() -> None:
    assert landed_json(UUID16, "00010203-0405-0607-0809-0A0B0C0D0E0F") == bytes(range(16))
    assert refused_json(UUID16, "AAECAwQFBgcICQoLDA0ODw==") == "bad_uuid"


def test_avro_has_the_bytes_themselves() -> None:
    assert landed_avro("bytes", b"\x06abc") == b"abc"
    assert landed_avro(FIXED, b"abc") == b"abc"
    assert landed_avro(UUID16, bytes(range(16))) == bytes(range(16))


@pytest.mark.parametrize(
    ("avro_type", "body", "reason"),
    [
        ("bytes", b"\x06ab", "avro_truncated"),
        ("bytes", b"\x01", "avro_malformed"),
        (FIXED, b"ab", "avro_truncated"),
        (["null", FIXED], b"\x04abc", "avro_malformed"),
    ],
)
def test_avro_bytes_that_are_not_there_are_refused(
    avro_type: Any, body: bytes, reason: str
) -> None:
    assert refused(avro_type, body, "avro/binary") == (reason, "x")


@pytest.mark.parametrize(
    ("avro_type", "default", "value"),
    [
        ("bytes", "\u00ff\0a", b"\xff\0a"),
        (FIXED, "abc", b"abc"),
        (["bytes", "null"], "\u00ff", b"\xff"),
        (["null", "bytes"], None, None),
        (["bytes", "string"], "\u00ff", b"\xff"),
        ({"type": "array", "items": "bytes"}, ["\u00ff"], [b"\xff"]),
        ({"type": "map", "values": "bytes"}, {"k": "\u00ff"}, {"k": b"\xff"}),
        (
            {
                "type": "record",
                "name": "R",
                "fields": [
                    {"name": "b", "type": "bytes"},
                    {"name": "c", "type": "bytes", "default": "\u00fe"},
                ],
            },
            {"b": "\u00ff"},
            {"b": b"\xff", "c": b"\xfe"},
        ),
    ],
)
def test_a_default_is_what_avro_says(avro_type: Any, default: Any, value: Any) -> None:
    assert landed(of(avro_type, default=default), b"{}") == value


@pytest.mark.parametrize(
    ("avro_type", "body", "value"),
    [
        (["bytes", "string"], b"\x02\x08AAAA", "AAAA"),
        (["float", "double"], b"\x02\x9a\x99\x99\x99\x99\x99\xb9\x3f", 0.1),
        (["double", "long"], b"\x02\x02", 1),
        ([{"type": "enum", "name": "E", "symbols": ["A"]}, "string"], b"\x02\x02A", "A"),
    ],
)
def test_a_union_in_avro_keeps_the_branch_that_it_says(
    avro_type: Any, body: bytes, value: Any
) -> None:
    found = landed_avro(avro_type, body)

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("avro_type", [MONEY, MONEY_FIXED])
@pytest.mark.parametrize(
    ("number", "value"),
    [
        ("0", "0.00"),
        ("-0.0", "0.00"),
        ("1.5", "1.50"),
        ("-1.28", "-1.28"),
        ("1.500000000000000000000000000000000000", "1.50"),
        ("9999.99", "9999.99"),
        ("-9999.99", "-9999.99"),
        ("1e3", "1000.00"),
        ("1E-2", "0.01"),
        ("0e99999999999999999999", "0.00"),
        ("0.0e-99999999999999999999", "0.00"),
        ("-0.01e000000000000000000000", "-0.01"),
    ],
)
def test_a_decimal_is_a_number_or_its_text(avro_type: Any, number: str, value: str) -> None:
    assert landed(of(avro_type), f'{{"x": {number}}}'.encode()) == Decimal(value)
    assert landed_json(avro_type, number) == Decimal(value)


@pytest.mark.parametrize("avro_type", [MONEY, MONEY_FIXED])
@pytest.mark.parametrize(
    "number",
    [
        "10000",
        "-1e4",
        "0.001",
        "1.234",
        "1e-3",
        "1e999999999999999999",
        "1e99999999999999999999",
        "-1e-999999999999999999",
        "1e-99999999999999999999",
        "9" * 5000,
        "0." + "0" * 5000 + "1",
        "1." + "0" * 5000 + "1",
    ],
)
def test_a_decimal_is_never_rounded(avro_type: Any, number: str) -> None:
    assert refused(avro_type, f'{{"x": {number}}}'.encode()) == ("out_of_range", "x")
    assert refused_json(avro_type, number) == "out_of_range"


@pytest.mark.parametrize("avro_type", [LARGEST, SMALLEST])
def test_the_largest_decimal_keeps_every_digit(avro_type: Any) -> None:
    digits = "12345678901234567890123456789012345678"
    number = digits if avro_type is LARGEST else f"0.{digits}"

    assert str(landed(of(avro_type), f'{{"x": -{number}}}'.encode())) == f"-{number}"


@pytest.mark.parametrize(
    "text", ["", "1,5", "+1", ".5", "5.", "01", "0x1", "1_0", " 1", "NaN", "Infinity", "\u0661"]
)
def test_other_texts_are_no_decimals(text: str) -> None:
    assert refused_json(MONEY, text) == "bad_decimal"


@pytest.mark.parametrize(
    ("value", "reason"),
    [(True, "wrong_type"), (None, "wrong_type"), ([], "wrong_type"), (float("nan"), "not_finite")],
)
def test_other_values_are_no_decimals(value: Any, reason: str) -> None:
    assert refused_json(MONEY, value) == reason


@pytest.mark.parametrize(
    ("number", "data"),
    [("0", "00"), ("1.27", "7f"), ("1.28", "0080"), ("-1.28", "80"), ("-1.29", "ff7f")],
)
def test_a_decimal_takes_as_few_bytes_as_it_needs(number: str, data: str) -> None:
    found = judge(an_event(body=f'{{"x": {number}}}'.encode()), contracts(of(MONEY)))

    assert isinstance(found, AcceptedEvent)
    assert found.record["x"] == bytes.fromhex(data)


def test_a_decimal_in_avro_keeps_its_bytes_and_its_digits() -> None:
    assert landed_avro(MONEY, b"\x06\x00\x00\x7f") == Decimal("1.27")
    assert landed_avro(MONEY_FIXED, b"\xff\xff\xff\x80") == Decimal("-1.28")
    assert refused(MONEY, b"\x00", "avro/binary") == ("bad_decimal", "x")
    assert refused(MONEY, b"\x06\x0f\x42\x40", "avro/binary") == ("out_of_range", "x")
    assert refused(MONEY_FIXED, b"\x00\x0f\x42\x40", "avro/binary") == ("out_of_range", "x")


def test_a_double_is_still_the_nearest_to_its_digits() -> None:
    body = b'{"x": 0.1000000000000000055511151231257827021181583404541015625}'

    assert landed(of("double"), body) == 0.1
    assert landed(of("double"), b'{"x": 4.9e-324}') == 5e-324
    assert landed(of("double"), b'{"x": 1e-99999999999999999999}') == 0.0
    assert refused("double", b'{"x": 1e99999999999999999999}') == ("not_finite", "x")


@pytest.mark.parametrize(
    ("avro_type", "value", "at"),
    [
        (TIME_MILLIS, "00:00", time(0)),
        (TIME_MILLIS, "23:59:59.9999", time(23, 59, 59, 999_000)),
        (TIME_MILLIS, 86_399_999, time(23, 59, 59, 999_000)),
        (TIME_MICROS, "12:30:01", time(12, 30, 1)),
        (TIME_MICROS, "23:59:59.999999999", time(23, 59, 59, 999_999)),
        (TIME_MICROS, 1, time(0, 0, 0, 1)),
    ],
)
def test_a_time_of_day_is_iso_8601_or_an_integer(avro_type: Any, value: Any, at: time) -> None:
    assert landed_json(avro_type, value) == at


@pytest.mark.parametrize("avro_type", [TIME_MILLIS, TIME_MICROS])
@pytest.mark.parametrize(
    "value",
    ["24:00", "12:60", "12:00:60", "1:00", "12", "1200", "12:00Z", "12:00:00.", "", "noon",
     "12:00:00.0123456789", "12:00:00,5", "\u0661\u0662:00", -1, 86_400_000_000, 2**63],
)  # fmt: skip
def test_other_times_of_day_are_bad(avro_type: Any, value: Any) -> None:
    assert refused_json(avro_type, value) == "bad_time"


@pytest.mark.parametrize(
    ("avro_type", "value", "at"),
    [
        (LOCAL_MILLIS, "2026-01-01T00:00", "2026-01-01T00:00:00"),
        (LOCAL_MILLIS, "1969-12-31 23:59:59.9999", "1969-12-31T23:59:59.999000"),
        (LOCAL_MICROS, "2026-01-01t00:00:00.1234567", "2026-01-01T00:00:00.123456"),
        (LOCAL_MICROS, -1, "1969-12-31T23:59:59.999999"),
        (LOCAL_MICROS, "0001-01-01T00:00", "0001-01-01T00:00:00"),
    ],
)  # fmt: skip
def test_a_local_time_has_no_offset(avro_type: Any, value: Any, at: str) -> None:
    assert landed_json(avro_type, value).isoformat() == at


@pytest.mark.parametrize(
    "value",
    ["2026-01-01T00:00Z", "2026-01-01T00:00+01:00", "2026-02-30T00:00", "2026-01-01", 2**62],
)
def test_other_local_times_are_bad(value: Any) -> None:
    assert refused_json(LOCAL_MICROS, value) == "bad_timestamp"


@pytest.mark.parametrize("avro_type", [TIME_MILLIS, TIME_MICROS, LOCAL_MILLIS, LOCAL_MICROS])
@pytest.mark.parametrize("value", [1.5, True, None, []])
def test_a_time_is_text_or_an_integer(avro_type: Any, value: Any) -> None:
    assert refused_json(avro_type, value) == "wrong_type"


def test_times_in_avro_are_integers_of_their_unit() -> None:
    assert landed_avro(TIME_MILLIS, b"\x02") == time(0, 0, 0, 1_000)
    assert landed_avro(LOCAL_MICROS, b"\x01").isoformat() == "1969-12-31T23:59:59.999999"
    assert refused(TIME_MICROS, b"\x01", "avro/binary") == ("bad_time", "x")

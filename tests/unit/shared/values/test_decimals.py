import json
from decimal import Decimal
from typing import Any

import pytest

from producer.bad_events import BadEvents
from producer.synthesis import synthesize_records
from shared.encoding.judging import AcceptedEvent, RejectedEvent, judge
from shared.values.rejection import Reason
from tests.builders import an_event, contracts
from tests.unit.shared.values.field_world import (
    landed,
    landed_avro,
    landed_json,
    of,
    refused,
    refused_json,
)

MONEY = {"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2}
LARGEST = {"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 0}
SMALLEST = {"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 38}
MONEY_FIXED = {**MONEY, "type": "fixed", "name": "M", "size": 4}


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


BOUNDED = {"minimum": 0.1, "exclusiveMaximum": 2}


@pytest.mark.parametrize("avro_type", [MONEY, ["null", MONEY]])
@pytest.mark.parametrize(
    ("number", "reason"),
    [("0.09", "rule_minimum"), ("-3", "rule_minimum"), ("2", "rule_exclusive_maximum")],
)
def test_a_decimal_keeps_its_bounds_to_the_digit(avro_type: Any, number: str, reason: str) -> None:
    bounded = of(avro_type, **BOUNDED)

    found = judge(an_event(body=f'{{"x": {number}}}'.encode()), contracts(bounded))

    assert isinstance(found, RejectedEvent)
    assert (found.rejection.reason, found.rejection.path) == (reason, "x")
    assert landed(bounded, b'{"x": 0.1}') == Decimal("0.10")
    assert landed(bounded, b'{"x": "1.99"}') == Decimal("1.99")


def test_a_decimal_in_avro_keeps_its_bounds_too() -> None:
    bounded = contracts(of(MONEY, **BOUNDED))

    found = judge(an_event(body=b"\x02\x09", content_type="avro/binary"), bounded)

    assert isinstance(found, RejectedEvent)
    assert found.rejection.detail == "0.09 is below the minimum 0.1"


def test_the_producer_keeps_a_decimals_bounds() -> None:
    record = of({**MONEY, "precision": 3}, minimum=0.5, maximum=0.52).record

    made = {next(synthesize_records(record, seed))["x"] for seed in range(40)}

    assert made == {"0.50", "0.51", "0.52"}


def test_the_producer_breaks_a_decimals_bounds() -> None:
    bad = BadEvents(of(MONEY, **BOUNDED)).make(Reason.RULE_MINIMUM, {"x": "1"})

    assert bad is not None
    assert json.loads(bad.body) == {"x": 0}

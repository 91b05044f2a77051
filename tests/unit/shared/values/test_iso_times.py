from datetime import time
from typing import Any

import pytest

from tests.unit.shared.values.field_world import landed_avro, landed_json, refused, refused_json

TIME_MILLIS = {"type": "int", "logicalType": "time-millis"}
TIME_MICROS = {"type": "long", "logicalType": "time-micros"}
LOCAL_MILLIS = {"type": "long", "logicalType": "local-timestamp-millis"}
LOCAL_MICROS = {"type": "long", "logicalType": "local-timestamp-micros"}


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

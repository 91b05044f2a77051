"""What each Avro type takes, as JSON and as Avro, and that it reads back as it was sent."""

from typing import Any

import pytest

from shared.encoding.judging import RejectedEvent, judge
from tests.builders import an_event, contracts
from tests.unit.shared.values.field_world import (
    landed,
    landed_avro,
    landed_json,
    of,
    refused,
    refused_json,
)

FIXED = {"type": "fixed", "name": "F", "size": 3}
UUID16 = {"type": "fixed", "name": "U", "size": 16, "logicalType": "uuid"}


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


def test_a_field_may_be_called_by_its_alias_and_lands_under_its_name() -> None:
    contract = of("int", aliases=["old", "older"])

    assert landed(contract, b'{"older": 1}') == 1


@pytest.mark.parametrize(
    ("body", "reason", "path"),
    [
        (b'{"x": 1, "old": 1}', "duplicate_key", "old"),
        (b'{"old": 1, "older": 1}', "duplicate_key", "older"),
        (b'{"old": "1"}', "wrong_type", "old"),
        (b"{}", "missing_field", "x"),
    ],
)
def test_two_names_of_a_field_are_a_duplicate(body: bytes, reason: str, path: str) -> None:
    known = contracts(of("int", aliases=["old", "older"]))

    found = judge(an_event(body=body), known)

    assert isinstance(found, RejectedEvent)
    assert (found.rejection.reason, found.rejection.path) == (reason, path)

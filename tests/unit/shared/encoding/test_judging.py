import io
import json
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.encoding.compression import Codec
from shared.encoding.judging import LARGEST_BODY_BYTES, AcceptedEvent, RejectedEvent, judge
from shared.landing.batch_files import encode_batch
from shared.values.rejection import Reason, Rejection
from tests.builders import a_contract, a_place, a_schema, an_event, contracts

FIELDS: list[dict[str, Any]] = [
    {"name": "id", "type": "long"},
    {"name": "flag", "type": "boolean", "default": False},
    {"name": "ratio", "type": ["null", "double"], "default": None},
    {"name": "size", "type": "float", "default": 0.0},
    {"name": "day", "type": {"type": "int", "logicalType": "date"}, "default": 0},
    {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}, "default": 0},
    {"name": "ms", "type": {"type": "long", "logicalType": "timestamp-millis"}, "default": 0},
    {
        "name": "kind",
        "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"]},
        "default": "A",
    },
    {"name": "tags", "type": {"type": "array", "items": ["string", "long"]}, "default": []},
    {"name": "extra", "type": {"type": "map", "values": "int"}, "default": {}},
    {"name": "any", "type": ["null", "long", "string", "boolean"], "default": None},
]
KNOWN = contracts(a_contract(*FIELDS))
SCHEMA = a_schema(*FIELDS)


def judged(body: bytes, **changes: Any) -> AcceptedEvent | RejectedEvent:
    return judge(an_event(body=body, **changes), KNOWN)


def rejected(body: bytes, **changes: Any) -> tuple[str, str]:
    rejection = why(body, **changes)
    return rejection.reason.value, rejection.path


def why(body: bytes, **changes: Any) -> Rejection:
    found = judged(body, **changes)
    assert isinstance(found, RejectedEvent)
    return found.rejection


def accepted(**values: Any) -> dict[str, Any]:
    found = judged(json.dumps({"id": 1} | values).encode())
    assert isinstance(found, AcceptedEvent), found
    return found.record


def avro(record: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    fastavro.schemaless_writer(file, SCHEMA, record)
    return file.getvalue()


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:01.5Z", 1_500_000),
        ("1970-01-01T00:00:00.1234567Z", 123_456),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01 00:00:00z", 0),
        ("1970-01-01T00:00+0000", 0),
        ("1969-12-31T23:59:59.999999Z", -1),
        (1_234_567, 1_234_567),
    ],
)
def test_a_time_is_iso_8601_with_offset_or_an_integer(text: str | int, micros: int) -> None:
    assert accepted(at=text)["at"] == micros


@pytest.mark.parametrize(
    "text",
    [
        "1970-01-01T00:00:00",
        "1970-01-01",
        "1970-13-01T00:00:00Z",
        "1970-01-01T24:00:00Z",
        "1970-01-01T00:00:60Z",
        "1970-01-01T00:00:00+24:00",
        "1970-01-01T00:00:00+01:60",
        "0001-01-01T00:00:00+01:00",
        "1970-W01-1T00:00:00Z",
        "",
        "now",
        253_402_300_800_000_000,
    ],
)
def test_other_times_are_bad(text: str | int) -> None:
    assert rejected(json.dumps({"id": 1, "at": text}).encode()) == ("bad_timestamp", "at")


def test_a_finer_time_is_cut_to_milliseconds_also_before_1970() -> None:
    assert accepted(ms="1970-01-01T00:00:00.0019Z")["ms"] == 1
    assert accepted(ms="1969-12-31T23:59:59.9999Z")["ms"] == -1


@pytest.mark.parametrize(
    ("body", "reason", "path"),
    [
        (b"\xef\xbb\xbf{}", "invalid_json", ""),
        (b'{"id": 1,}', "invalid_json", ""),
        (b'{"id": 01}', "invalid_json", ""),
        (b'{"id": "\n"}', "invalid_json", ""),
        (b"{}{}", "invalid_json", ""),
        (b"   ", "invalid_json", ""),
        (b"null", "not_an_object", ""),
        (b'"text"', "not_an_object", ""),
        (b'{"id": 1, "\\u0069d": 2}', "duplicate_key", "id"),
        (b'{"id": 1, "extra": {"a": 1, "a": 1}}', "duplicate_key", 'extra["a"]'),
        (b'{"id": 1, "extra": {"a": 1e0}}', "wrong_type", 'extra["a"]'),
        (b'{"id": true}', "wrong_type", "id"),
        (b'{"id": 1.0}', "wrong_type", "id"),
        (b'{"id": 9223372036854775808}', "out_of_range", "id"),
        (b'{"id": -9223372036854775809}', "out_of_range", "id"),
        (b'{"id": ' + b"9" * 5000 + b"}", "out_of_range", "id"),
        (b'{"id": 1, "ratio": ' + b"9" * 5000 + b"}", "not_finite", "ratio"),
        (b'{"id": 1, "ratio": -Infinity}', "not_finite", "ratio"),
        (b'{"id": 1, "size": 1e39}', "out_of_range", "size"),
        (b'{"id": 1, "kind": "C"}', "unknown_symbol", "kind"),
        (b'{"id": 1, "kind": 1}', "wrong_type", "kind"),
        (b'{"id": 1, "tags": {}}', "wrong_type", "tags"),
        (b'{"id": 1, "tags": "a"}', "wrong_type", "tags"),
        (b'{"id": 1, "tags": ["a", null]}', "wrong_type", "tags[1]"),
        (b'{"id": 1, "extra": []}', "wrong_type", "extra"),
        (b'{"id": 1, "any": 1.5}', "wrong_type", "any"),
        (b'{"id": 1, "day": 3000000}', "bad_date", "day"),
        (b'{"id": 1, "day": true}', "wrong_type", "day"),
        (b'{"id": null}', "wrong_type", "id"),
        (b'{"extra": {"\\ud800": 1}, "id": 1}', "invalid_utf8", r'extra["\ud800"]'),
        (b'{"id": 1, "a": {"b": {"b": 1, "b": 2}}}', "unknown_field", "a"),
    ],
)
def test_what_json_may_not_be(body: bytes, reason: str, path: str) -> None:
    assert rejected(body) == (reason, path)


@pytest.mark.parametrize(
    ("text", "character"),
    [
        (" ", 1),
        ('{"é": tru}', 6),
        ('{"id": 1 , }', 11),
        ('{"tags": ["a" , \n]}', 17),
        ('{"id": 01}', 8),
        ('{"id": 1.}', 8),
        ('{"id": -}', 7),
        ('{"id" 1}', 6),
        ('{"id": 1 "a": 2}', 9),
        ("{id: 1}", 1),
        ('{"id": "no end}', 7),
        (r'{"id": "no \escape"}', 11),
        (r'{"id": "no \u12 code"}', 12),
        ('{"id": "\t"}', 8),
        ('{"id": 1} x', 10),
    ],
)
def test_a_body_is_no_json_from_a_character_on(text: str, character: int) -> None:
    assert why(text.encode()).detail == f"not JSON (RFC 8259) at character {character}"


def test_a_body_nests_128_deep_and_no_deeper() -> None:
    assert why(b'{"x":' + b"[" * 127 + b"]" * 127 + b"}").reason == "unknown_field"
    assert why(b'{"x":' + b"[" * 128 + b"]" * 128 + b"}").reason == "json_too_deep"
    assert why(b'{"x":' + b"[" * 128 + b"]}").reason == "json_too_deep"
    assert why(b'{"x": 1,} ' + b"[" * 128).reason == "invalid_json"


def test_brackets_in_strings_do_not_nest() -> None:
    assert why(b'{"x": "' + b"[" * 200 + b'"}').reason == "unknown_field"
    assert why(b'{"x": "' + b"[" * 200 + b'\\q"}').reason == "invalid_json"


@pytest.mark.parametrize("value", [0, -1, 2**63 - 1, -(2**63)])
def test_every_long_is_accepted(value: int) -> None:
    assert accepted(id=value)["id"] == value


def test_integers_are_numbers_and_defaults_stand_in() -> None:
    record = accepted(ratio=3)

    assert (record["ratio"], type(record["ratio"])) == (3.0, float)
    assert (record["kind"], record["tags"], record["flag"]) == ("A", [], False)


@pytest.mark.parametrize("value", [None, 5, "five", True])
def test_a_value_of_any_branch_of_a_union_lands_as_what_it_is(value: Any) -> None:
    event = an_event(body=json.dumps({"id": 1, "any": value}).encode())

    encoded = encode_batch([event], a_place(), KNOWN, Codec())

    landed = next(iter(fastavro.reader(io.BytesIO(encoded.files[0].data))))
    assert (landed["any"], type(landed["any"])) == (value, type(value))


def test_an_avro_body_is_judged_as_json_is() -> None:
    record = accepted(tags=["a", 5], extra={"k": 7}, any="x", day="1970-01-03")
    native = record | {"tags": ["a", 5], "any": "x"}

    found = judged(avro(native), content_type="avro/binary")

    assert isinstance(found, AcceptedEvent)
    assert found.record == record


@given(cut=st.integers(1, 200))
def test_avro_that_ends_early_is_truncated_wherever_it_ends(cut: int) -> None:
    whole = avro(accepted(extra={"key": 1, "other": 2}) | {"tags": ["abc"], "any": "text"})

    reason, _ = rejected(whole[: max(0, len(whole) - cut)] or b"\x80", content_type="avro/binary")

    assert reason == "avro_truncated"


@pytest.mark.parametrize(
    ("body", "reason", "path"),
    [
        (b"\x02\x03", "avro_malformed", "flag"),
        (b"\xff" * 11, "avro_malformed", "id"),
        (b"\xff" * 9 + b"\x7f", "avro_malformed", "id"),
        (b"\x02\x00\x06", "avro_malformed", "ratio"),
    ],
)
def test_avro_that_cannot_be_the_record_is_malformed(body: bytes, reason: str, path: str) -> None:
    assert rejected(body + b"\x00" * 40, content_type="avro/binary") == (reason, path)


def test_avro_longs_in_int_fields_are_out_of_range() -> None:
    known = contracts(a_contract({"name": "small", "type": "int"}))
    file = io.BytesIO()
    fastavro.schemaless_writer(file, a_schema({"name": "small", "type": "long"}), {"small": 2**31})

    found = judge(an_event(body=file.getvalue(), content_type="avro/binary"), known)

    assert isinstance(found, RejectedEvent)
    assert (found.rejection.reason, found.rejection.path) == (Reason.OUT_OF_RANGE, "small")


def test_an_array_that_claims_to_be_endless_costs_nothing() -> None:
    known = contracts(a_contract({"name": "x", "type": {"type": "array", "items": "int"}}))
    claim = b"\xfe\xff\xff\xff\xff\xff\xff\xff\x7f"

    found = judge(an_event(body=claim, content_type="avro/binary"), known)

    assert isinstance(found, RejectedEvent)
    assert found.rejection.reason is Reason.AVRO_MALFORMED


def test_a_body_of_just_a_mebibyte_is_not_too_large() -> None:
    body = json.dumps({"id": 1}).encode()

    assert isinstance(judged(body.ljust(LARGEST_BODY_BYTES)), AcceptedEvent)
    assert rejected(body.ljust(LARGEST_BODY_BYTES + 1)) == ("body_too_large", "")


texts = st.text(st.characters(exclude_categories=[]))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from([item["name"] for item in FIELDS])
bodies = st.one_of(
    st.binary(max_size=60),
    st.dictionaries(names | texts, json_values, max_size=6).map(
        lambda value: json.dumps({"id": 1} | value).encode()
    ),
)


@given(body=bodies, content_type=st.sampled_from([None, "application/json", "avro/binary"]))
def test_no_body_makes_judging_or_encoding_raise_and_bad_ones_keep_their_bytes(
    body: bytes, content_type: str | None
) -> None:
    event = an_event(body=body, content_type=content_type)

    encoded = encode_batch([event], a_place(), KNOWN, Codec())

    assert sum(item.file.records for item in encoded.files) == 1
    kept = [
        record["body"]
        for item in encoded.files
        if not item.file.contract
        for record in fastavro.reader(io.BytesIO(item.data))
    ]
    assert kept in ([], [body])

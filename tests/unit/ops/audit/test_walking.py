import json
from io import BytesIO
from typing import Any

import pytest
from fastavro import block_reader, parse_schema, schemaless_writer, writer
from hypothesis import given
from hypothesis import strategies as st

from ops.audit.walking import Walk, make_walk, origin_prefix
from shared.contracts.origin import ORIGIN, ORIGIN_FIELD
from tests.builders import a_time

PREFIX = origin_prefix("hub", 300, "12")
PLACE = {
    "type": "record",
    "name": "Place",
    "namespace": "a.b",
    "fields": [{"name": "x", "type": "double"}, {"name": "y", "type": "float"}],
}
FIELDS: list[dict[str, Any]] = [
    {"name": "text", "type": "string"},
    {"name": "number", "type": "long"},
    {"name": "flag", "type": "boolean"},
    {"name": "raw", "type": {"type": "bytes", "logicalType": "unheard-of"}},
    {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["a", "b", "c"]}},
    {"name": "code", "type": {"type": "fixed", "name": "Code", "size": 3}},
    {"name": "place", "type": PLACE},
    {"name": "was", "type": ["null", "a.b.Place", {"type": "array", "items": ["int", "string"]}]},
    {"name": "lists", "type": {"type": "map", "values": {"type": "array", "items": "Kind"}}},
    {"name": "maybe", "type": ["null", {"type": "map", "values": "a.b.Place"}]},
]
PLACES = st.fixed_dictionaries({"x": st.floats(), "y": st.floats(width=32)})
NUMBERS = st.integers(-(2**63), 2**63 - 1)
TEXTS = st.text(max_size=5) | st.text(alphabet="ab", min_size=60, max_size=70)
RECORDS = st.fixed_dictionaries(
    {
        "text": TEXTS,
        "number": NUMBERS,
        "flag": st.booleans(),
        "raw": st.binary(max_size=80),
        "kind": st.sampled_from("abc"),
        "code": st.binary(min_size=3, max_size=3),
        "place": PLACES,
        "was": st.none() | PLACES | st.lists(st.integers(-(2**31), 2**31 - 1) | TEXTS, max_size=3),
        "lists": st.dictionaries(TEXTS, st.lists(st.sampled_from("abc"), max_size=3), max_size=3),
        "maybe": st.none() | st.dictionaries(TEXTS, PLACES, max_size=2),
    }
)


def a_schema(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "record", "name": "simple", "fields": [*fields, ORIGIN_FIELD]}


def with_origin(record: dict[str, Any], number: int, **changes: Any) -> dict[str, Any]:
    origin = {"hub": "hub", "generation": 300, "partition_id": "12", "enqueued_at": a_time()}
    return {**record, ORIGIN: {**origin, "sequence_number": number, **changes}}


def a_walk(*fields: dict[str, Any]) -> Walk:
    return make_walk(json.dumps(a_schema(*fields)))


def encoded(*records: dict[str, Any], fields: tuple[dict[str, Any], ...] = ()) -> bytes:
    out = BytesIO()
    schema = parse_schema(a_schema(*fields))
    for record in records:
        schemaless_writer(out, schema, record)
    return out.getvalue()


@given(records=st.lists(st.tuples(RECORDS, st.integers(0, 2**63 - 1)), max_size=8))
def test_every_value_is_stepped_over_as_its_schema_says(
    records: list[tuple[dict[str, Any], int]],
) -> None:
    file = BytesIO()
    rows = [with_origin(record, number) for record, number in records]
    writer(file, parse_schema(a_schema(*FIELDS)), rows, sync_interval=200)
    file.seek(0)

    blocks = block_reader(file)
    walk = make_walk(blocks.metadata["avro.schema"])
    walked = [walk(b.bytes_.getvalue(), b.num_records, PREFIX) for b in blocks]

    assert [n for numbers in walked for n in numbers] == [number for _, number in records]


def test_a_payload_that_looks_like_an_origin_is_no_origin() -> None:
    field = {"name": "raw", "type": "bytes"}
    record = with_origin({"raw": PREFIX + b"\x02\x02" + PREFIX}, 7)

    assert a_walk(field)(encoded(record, fields=(field,)), 1, PREFIX) == [7]


def test_items_in_a_block_that_says_its_bytes_are_stepped_over() -> None:
    field = {"name": "items", "type": {"type": "array", "items": "double"}}
    items = b"\x03" + b"\x20" + bytes(16) + b"\x00"

    assert a_walk(field)(items + encoded(with_origin({}, 5)), 1, PREFIX) == [5]


@pytest.mark.parametrize(
    "changes",
    [{"hub": "bub"}, {"generation": 301}, {"partition_id": "13"}, {"hub": "longer"}],
)
def test_a_record_of_another_origin_is_refused(changes: dict[str, Any]) -> None:
    data = encoded(with_origin({}, 1), with_origin({}, 2, **changes))

    with pytest.raises(ValueError, match="another origin"):
        a_walk()(data, 2, PREFIX)


@pytest.mark.parametrize("records", [1, 3])
def test_a_block_of_more_or_fewer_records_than_it_says_is_refused(records: int) -> None:
    data = encoded(with_origin({}, 1), with_origin({}, 2))

    with pytest.raises((ValueError, IndexError)):
        a_walk()(data, records, PREFIX)


def test_more_items_than_the_block_has_bytes_are_refused_at_once() -> None:
    field = {"name": "items", "type": {"type": "array", "items": "double"}}
    most = b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"

    with pytest.raises(EOFError, match="items beyond"):
        a_walk(field)(most + bytes(100), 1, PREFIX)


def test_a_schema_without_an_origin_at_its_end_is_refused() -> None:
    schema = {"type": "record", "name": "simple", "fields": [{"name": "x", "type": "int"}]}

    with pytest.raises((ValueError, TypeError)):
        make_walk(json.dumps(schema))

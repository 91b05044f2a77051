"""Schemas of every type that a contract can use, and values that keep them, for Hypothesis.

A value comes in two forms: the JSON that an event has of it, and what fastavro writes of it, where
a union's value says its branch.
"""

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import count
from typing import Any

from hypothesis import strategies as st

Values = st.SearchStrategy[tuple[Any, Any]]
Namer = Callable[[], str]
LEAST, MOST = datetime.fromisoformat("0001-01-02"), datetime.fromisoformat("9999-12-30")


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """A schema, the name by which a union tells it apart, and its values."""

    schema: Any
    branch: str
    values: Values


def base64(data: bytes) -> str:
    return b64encode(data).decode()


def iso(at: date | time | datetime) -> str:
    return at.isoformat()


def as_it_is(value: Any) -> Any:
    return value


def plain(
    kind: str, values: st.SearchStrategy[Any], in_json: Callable[[Any], Any], **attributes: Any
) -> Generated:
    return Generated(
        schema={"type": kind, **attributes} if attributes else kind,
        branch=kind,
        values=values.map(lambda value: (in_json(value), value)),
    )


def whole_millis(at: Any) -> Any:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


TIMES, LOCAL = st.times(), st.datetimes(LEAST, MOST)
INSTANTS = LOCAL.map(lambda at: at.replace(tzinfo=UTC))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
DOUBLES = st.floats(allow_nan=False, allow_infinity=False)
FLOATS = st.floats(allow_nan=False, allow_infinity=False, width=32)
PLAIN = (
    plain("boolean", st.booleans(), as_it_is),
    plain("int", st.integers(-(2**31), 2**31 - 1), as_it_is),
    plain("long", st.integers(-(2**63), 2**63 - 1), as_it_is),
    plain("float", FLOATS, as_it_is),
    plain("double", DOUBLES, as_it_is),
    plain("string", TEXTS, as_it_is),
    plain("bytes", st.binary(max_size=4), base64),
    plain("string", st.uuids(), str, logicalType="uuid"),
    plain("int", st.dates(), iso, logicalType="date"),
    plain("int", TIMES.map(whole_millis), iso, logicalType="time-millis"),
    plain("long", TIMES, iso, logicalType="time-micros"),
    plain("long", INSTANTS.map(whole_millis), iso, logicalType="timestamp-millis"),
    plain("long", INSTANTS, iso, logicalType="timestamp-micros"),
    plain("long", LOCAL.map(whole_millis), iso, logicalType="local-timestamp-millis"),
    plain("long", LOCAL, iso, logicalType="local-timestamp-micros"),
)


@st.composite
def decimals(draw: st.DrawFn, namer: Namer) -> Generated:
    precision = draw(st.integers(1, 38))
    scale = draw(st.integers(0, precision))
    units = st.integers(-(10**precision) + 1, 10**precision - 1)
    values = units.map(lambda n: Decimal((int(n < 0), tuple(map(int, str(abs(n)))), -scale)))
    name = draw(st.sampled_from(["bytes", namer()]))
    return Generated(
        schema={
            "type": "bytes" if name == "bytes" else "fixed",
            "logicalType": "decimal",
            "precision": precision,
            "scale": scale,
        }
        | ({} if name == "bytes" else {"name": name, "size": 17}),
        branch=name,
        values=values.map(lambda number: (str(number), number)),
    )


@st.composite
def named(draw: st.DrawFn, namer: Namer) -> Generated:
    name, size = namer(), draw(st.integers(1, 4))
    return draw(
        st.sampled_from(
            [
                Generated(
                    schema={"type": "fixed", "name": name, "size": size},
                    branch=name,
                    values=st.binary(min_size=size, max_size=size).map(
                        lambda data: (base64(data), data)
                    ),
                ),
                Generated(
                    schema={"type": "fixed", "name": name, "size": 16, "logicalType": "uuid"},
                    branch=name,
                    values=st.uuids().map(lambda uuid: (str(uuid), uuid.bytes)),
                ),
                Generated(
                    schema={"type": "enum", "name": name, "symbols": ["A", "B", "C"]},
                    branch=name,
                    values=st.sampled_from("ABC").map(lambda symbol: (symbol, symbol)),
                ),
            ]
        )
    )


def types(namer: Namer, depth: int, *, any_union: bool) -> st.SearchStrategy[Generated]:
    leaves = st.one_of(st.sampled_from(PLAIN), decimals(namer), named(namer))
    if not depth:
        return leaves
    inner = types(namer, depth - 1, any_union=any_union)
    union = unions(inner) if any_union else inner.map(optional)
    return st.one_of(leaves, inner.map(array), inner.map(avro_map), union, records(namer, inner))


def array(items: Generated) -> Generated:
    return Generated(
        schema={"type": "array", "items": items.schema},
        branch="array",
        values=st.lists(items.values, max_size=2).map(
            lambda pairs: ([value for value, _ in pairs], [value for _, value in pairs])
        ),
    )


def avro_map(values: Generated) -> Generated:
    return Generated(
        schema={"type": "map", "values": values.schema},
        branch="map",
        values=st.dictionaries(TEXTS, values.values, max_size=2).map(
            lambda pairs: (
                {key: value for key, (value, _) in pairs.items()},
                {key: value for key, (_, value) in pairs.items()},
            )
        ),
    )


def optional(inner: Generated) -> Generated:
    if inner.branch == "union":
        return inner
    return Generated(
        schema=["null", inner.schema],
        branch="union",
        values=st.just((None, None))
        | inner.values.map(lambda pair: (pair[0], (inner.branch, pair[1]))),
    )


@st.composite
def unions(draw: st.DrawFn, inner: st.SearchStrategy[Generated]) -> Generated:
    drawn = draw(st.lists(inner, min_size=1, max_size=3))
    branches = {item.branch: item for item in drawn if item.branch != "union"}
    values: list[Values] = [
        item.values.map(lambda pair, name=name: (pair[0], (name, pair[1])))
        for name, item in branches.items()
    ]
    return Generated(
        schema=["null", *(item.schema for item in branches.values())] if branches else "int",
        branch="union" if branches else "int",
        values=st.one_of(st.just((None, None)), *values) if branches else st.just((1, 1)),
    )


@st.composite
def records(draw: st.DrawFn, namer: Namer, inner: st.SearchStrategy[Generated]) -> Generated:
    return record(namer(), draw(st.lists(inner, min_size=1, max_size=4)))


def record(name: str, fields: list[Generated]) -> Generated:
    """Every other field has an alias, and JSON calls it by that."""
    names = [(f"f{n}", f"f{n}" if n % 2 else f"alias{n}") for n in range(len(fields))]
    return Generated(
        schema={
            "type": "record",
            "name": name,
            "fields": [
                {"name": own, "type": item.schema, "aliases": [called] if own != called else []}
                for (own, called), item in zip(names, fields, strict=True)
            ],
        },
        branch=name,
        values=st.tuples(*(item.values for item in fields)).map(
            lambda pairs: (
                {called: pair[0] for (_, called), pair in zip(names, pairs, strict=True)},
                {own: pair[1] for (own, _), pair in zip(names, pairs, strict=True)},
            )
        ),
    )


@st.composite
def contract_schemas(draw: st.DrawFn, *, any_union: bool) -> Generated:
    """A contract's record, named `simple`."""
    numbers = count()
    inner = types(lambda: f"N{next(numbers)}", 2, any_union=any_union)
    return record("simple", draw(st.lists(inner, min_size=1, max_size=5)))


def without_branches(value: Any) -> Any:
    """What fastavro reads of what it wrote."""
    match value:
        case tuple():
            return without_branches(value[1])
        case dict():
            return {key: without_branches(item) for key, item in value.items()}
        case list():
            return [without_branches(item) for item in value]
    return value


def places(value: Any, path: str = "") -> list[tuple[str, tuple[Any, ...]]]:
    """Every place inside a JSON value of these schemas, as rejections call it, and its steps."""
    found: list[tuple[str, tuple[Any, ...]]] = []
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for step, item in items:
        inside = path + step_text(step, value)
        found.append((inside.removeprefix("."), (step,)))
        found += [(text, (step, *steps)) for text, steps in places(item, inside)]
    return found


def step_text(step: Any, holder: Any) -> str:
    is_record = isinstance(holder, dict) and "alias0" in holder
    if is_record:
        return f".{step}"
    return f"[{json.dumps(step, ensure_ascii=False)}]"


def replaced(value: Any, steps: tuple[Any, ...], by: Any) -> Any:
    """A copy with another value at the end of the steps."""
    if not steps:
        return by
    copy = value.copy()
    copy[steps[0]] = replaced(value[steps[0]], steps[1:], by)
    return copy

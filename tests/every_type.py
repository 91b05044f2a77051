"""A contract with every type that a contract can use, and values that keep it."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.contracts.contract import Contract
from tests.builders import a_contract, a_time


def logical(kind: str, logical_type: str, **attributes: Any) -> dict[str, Any]:
    return {"type": kind, "logicalType": logical_type} | attributes


PLACE = {
    "type": "record",
    "name": "Place",
    "fields": [
        {"name": "height", "type": logical("bytes", "decimal", precision=6, scale=2)},
        {"name": "seal", "type": "bytes", "default": "\u00ff"},
        {"name": "opens", "type": ["null", logical("int", "time-millis")], "default": None},
    ],
}
# No times of day, which the drop zone takes as text or integers alone.
DROPPED_FIELDS: tuple[dict[str, Any], ...] = (
    {"name": "flag", "type": "boolean"},
    {"name": "small", "type": "int"},
    {"name": "large", "type": "long"},
    {"name": "ratio", "type": "double"},
    {"name": "text", "type": "string"},
    {"name": "raw", "type": "bytes"},
    {"name": "code", "type": {"type": "fixed", "name": "Code", "size": 3}},
    {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"]}},
    {"name": "price", "type": logical("bytes", "decimal", precision=38, scale=20)},
    {"name": "tax", "type": logical("fixed", "decimal", name="Tax", size=5, precision=9, scale=2)},
    {"name": "id", "type": logical("string", "uuid")},
    {"name": "day", "type": logical("int", "date")},
    {"name": "at", "type": logical("long", "timestamp-millis")},
    {"name": "at_micros", "type": logical("long", "timestamp-micros")},
    {"name": "local", "type": logical("long", "local-timestamp-millis")},
    {"name": "local_micros", "type": ["null", logical("long", "local-timestamp-micros")]},
    {"name": "maybe", "type": ["null", "Code"], "default": None},
    {"name": "codes", "type": {"type": "array", "items": "Code"}},
)  # fmt: skip
EVERY_FIELD: tuple[dict[str, Any], ...] = (
    *DROPPED_FIELDS,
    {"name": "single", "type": "float"},
    {"name": "opens", "type": logical("int", "time-millis")},
    {"name": "closes", "type": logical("long", "time-micros")},
    {"name": "id_bytes", "type": logical("fixed", "uuid", name="Id", size=16)},
    {"name": "either", "type": ["long", "bytes", "null", PLACE, {"type": "array", "items": "Tax"}]},
    {"name": "prices", "type": {"type": "map", "values": ["null", "Tax"]}},
)
# What is dropped as values, and the same as JSON has it.
DROPPED: dict[str, Any] = {
    "flag": True,
    "small": -7,
    "large": 2**53 + 1,
    "ratio": 0.1,
    "text": "caf\u00e9",
    "raw": b"\x00\xff",
    "code": b"abc",
    "kind": "B",
    "price": Decimal("123456789012345678.12345678901234567890"),
    "tax": Decimal("-1.28"),
    "id": "00010203-0405-0607-0809-0a0b0c0d0e0f",
    "day": date(2026, 1, 31),
    "at": a_time(),
    "at_micros": a_time(0.000001),
    "local": datetime.fromisoformat("2026-01-01T02:03:04.005"),
    "local_micros": datetime.fromisoformat("2026-01-01T02:03:04.000005"),
    "maybe": b"xyz",
    "codes": [b"abc", b"\x00\xff\x00"],
}
DROPPED_JSON: dict[str, Any] = {
    **DROPPED,
    "raw": "AP8=",
    "code": "YWJj",
    "price": "123456789012345678.12345678901234567890",
    "tax": -1.28,
    "day": "2026-01-31",
    "at": "2026-01-01T00:00:00Z",
    "at_micros": "2026-01-01T00:00:00.000001Z",
    "local": "2026-01-01T02:03:04.005",
    "local_micros": "2026-01-01T02:03:04.000005",
    "maybe": "eHl6",
    "codes": ["YWJj", "AP8A"],
}
EVERY_JSON: dict[str, Any] = {
    **DROPPED_JSON,
    "single": 0.5,
    "opens": "08:30",
    "closes": "18:00:00.000001",
    "id_bytes": "00010203-0405-0607-0809-0a0b0c0d0e0f",
    "either": {"height": "12.5"},
    "prices": {"a": 1, "b": None},
}
# How fastavro reads what has landed of it.
LANDED: dict[str, Any] = {
    **DROPPED,
    "id": UUID("00010203-0405-0607-0809-0a0b0c0d0e0f"),
    "single": 0.5,
    "opens": time(8, 30),
    "closes": time(18, 0, 0, 1),
    "id_bytes": bytes(range(16)),
    "either": {"height": Decimal("12.50"), "seal": b"\xff", "opens": None},
    "prices": {"a": Decimal("1.00"), "b": None},
}


def every_type() -> Contract:
    return a_contract(*EVERY_FIELD, name="every_type")


def dropped_types() -> Contract:
    return a_contract(*DROPPED_FIELDS, name="dropped_types")

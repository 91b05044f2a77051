"""From a contract's Avro JSON to typed values; refuses what validation could not enforce."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeGuard, cast, get_args

from shared.contracts.defaults import read_default
from shared.contracts.rules import RULE_NAMES, with_rules
from shared.values.avro_types import (
    NULL,
    Array,
    AvroDecimal,
    AvroType,
    Enum,
    Field,
    Fixed,
    Json,
    LogicalKind,
    Map,
    Primitive,
    PrimitiveKind,
    Record,
    SchemaError,
    Union,
    branch_name,
)
from shared.values.rejection import RejectedError

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
FULL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
COMPLEX_KINDS = ("record", "enum", "array", "map", "fixed", "union", "error")
UUID_BYTES = 16
# Spark, and so silver, holds no more.
MOST_DIGITS = 38
# Far below Python's recursion limit, and deeper than anyone writes.
DEEPEST = 64
LOGICAL_OF: Mapping[str, tuple[str, ...]] = {
    "string": ("uuid",),
    "int": ("date", "time-millis"),
    "long": (
        "time-micros",
        "timestamp-millis",
        "timestamp-micros",
        "local-timestamp-millis",
        "local-timestamp-micros",
    ),
}
FIELD_ATTRIBUTES = {"name", "type", "doc", "default", "order", "aliases"}


def parse_record(schema: Json) -> Record:
    """Parse a contract's top-level schema (Avro 1.11, Schema Declaration).

    Raises SchemaError for what is malformed, for what no table could hold (a type that contains
    itself, null alone, two fields that differ in case alone, types that nest too deep), for a
    logical type that validation does not know, and for a rule that does not fit its field's type.
    """
    parsed = _Parser().parse(schema, "", "")
    if not isinstance(parsed, Record):
        _refuse("", "a contract is a record")
    return parsed


@dataclass(slots=True)
class _Parser:
    named: dict[str, AvroType | None] = field(default_factory=dict)
    heights: dict[str, int] = field(default_factory=dict)
    depth: int = 0

    def parse(self, schema: Json, path: str, namespace: str) -> AvroType:
        if self.depth == DEEPEST:
            _refuse_depth(path)
        self.depth += 1
        parsed = self._parse(schema, path, namespace)
        self.depth -= 1
        return parsed

    def _parse(self, schema: Json, path: str, namespace: str) -> AvroType:
        match schema:
            case str():
                return self._reference(schema, path, namespace)
            case list():
                return self._union(schema, path, namespace)
            case dict():
                return self._declaration(schema, path, namespace)
            case _:
                return _refuse(path, "a type is a name, an object or a list")

    def _value(self, schema: Json, path: str, namespace: str) -> AvroType:
        """Parse the type of something that becomes a column, or a part of one."""
        parsed = self.parse(schema, path, namespace)
        if parsed in (NULL, Union(branches=(NULL,))):
            _refuse(path, "nothing but null can stand here, and no table has such a column")
        return parsed

    def _reference(self, name: str, path: str, namespace: str) -> AvroType:
        if name in get_args(PrimitiveKind):
            return Primitive(kind=cast("PrimitiveKind", name))
        full_name = name if "." in name or not namespace else f"{namespace}.{name}"
        if full_name not in self.named:
            _refuse(path, f"type {name!r} is unknown or not supported")
        found = self.named[full_name]
        if found is None:
            _refuse(path, f"type {name!r} contains itself, as no table's column can")
        return found

    def _union(self, schema: list[Json], path: str, namespace: str) -> Union:
        branches = tuple(self.parse(branch, path, namespace) for branch in schema)
        names = [branch_name(branch) for branch in branches]
        if not branches or len(set(names)) != len(names) or "union" in names:
            _refuse(path, "a union has branches, each of another type and none a union")
        return Union(branches=branches)

    def _declaration(self, schema: dict[str, Json], path: str, namespace: str) -> AvroType:
        kind = schema.get("type")
        match kind:
            case "record":
                return self._record(schema, path, namespace)
            case "enum":
                return self._enum(schema, path, namespace)
            case "fixed":
                return self._fixed(schema, path, namespace)
            case "array" | "map":
                inner, step = ("items", "[]") if kind == "array" else ("values", "{}")
                if inner not in schema:
                    _refuse(path, f"{kind} without {inner!r}")
                parsed = self._value(schema[inner], path + step, namespace)
                return Array(items=parsed) if kind == "array" else Map(values=parsed)
            case "bytes" if schema.get("logicalType") == "decimal":
                return _decimal(schema, Primitive(kind="bytes"), path)
            case str() if kind in get_args(PrimitiveKind):
                return _primitive(kind, schema.get("logicalType"), path)
        return self.parse(kind, path, namespace)

    def _record(self, schema: dict[str, Json], path: str, namespace: str) -> Record:
        full_name, inner_namespace = self._declare(schema, path, namespace)
        declared = schema.get("fields")
        if not isinstance(declared, list) or not declared:
            _refuse(path, "a record has a list of fields")
        record_fields = tuple(self._field(item, path, inner_namespace) for item in declared)
        names = [(name, item) for item in record_fields for name in item.names]
        by_name = dict(names)
        if len(by_name) != len(names):
            _refuse(path, "two fields have the same name or alias")
        if len({item.name.lower() for item in record_fields}) != len(record_fields):
            _refuse(path, "two fields differ in case alone, as no table's columns may")
        record = Record(full_name=full_name, fields=record_fields, by_name=by_name)
        self.named[full_name] = record
        self.heights[full_name] = 1 + max(self._height(item.type) for item in record_fields)
        if self.heights[full_name] > DEEPEST:
            _refuse_depth(path)
        return record

    def _height(self, avro_type: AvroType) -> int:
        """How deep types are nested; named ones may be declared far from each other."""
        match avro_type:
            case Array(items=inner) | Map(values=inner):
                return 1 + self._height(inner)
            case Union(branches=branches):
                return 1 + max(map(self._height, branches))
            case Record(full_name=name):
                return self.heights[name]
        return 1

    def _enum(self, schema: dict[str, Json], path: str, namespace: str) -> Enum:
        full_name, _ = self._declare(schema, path, namespace)
        symbols = schema.get("symbols")
        if not isinstance(symbols, list) or not symbols:
            _refuse(path, "an enum has a list of symbols")
        names = tuple(symbol for symbol in symbols if isinstance(symbol, str))
        if len(set(names)) != len(symbols) or not all(NAME.fullmatch(name) for name in names):
            _refuse(path, "an enum's symbols are names, each once")
        enum = Enum(full_name=full_name, symbols=names)
        self.named[full_name] = enum
        return enum

    def _fixed(self, schema: dict[str, Json], path: str, namespace: str) -> Fixed | AvroDecimal:
        full_name, _ = self._declare(schema, path, namespace)
        size, logical = schema.get("size"), schema.get("logicalType")
        if not _is_count(size) or size < 1:
            _refuse(path, "a fixed has a size, of one byte or more")
        fixed: Fixed | AvroDecimal
        match logical:
            case None:
                fixed = Fixed(full_name=full_name, size=size)
            case "decimal":
                fixed = _decimal(schema, Fixed(full_name=full_name, size=size), path)
            case "uuid" if size == UUID_BYTES:
                fixed = Fixed(full_name=full_name, size=size, logical="uuid")
            case _:
                _refuse(path, f"logical type {logical!r} on fixed of {size} bytes is not supported")
        self.named[full_name] = fixed
        return fixed

    def _declare(self, schema: dict[str, Json], path: str, namespace: str) -> tuple[str, str]:
        name, own_namespace = schema.get("name"), schema.get("namespace", namespace)
        if not isinstance(name, str) or not FULL_NAME.fullmatch(name):
            _refuse(path, "a record, enum or fixed has a name")
        if own_namespace != "" and not (
            isinstance(own_namespace, str) and FULL_NAME.fullmatch(own_namespace)
        ):
            _refuse(path, "a namespace is names joined by dots")
        full_name = name if "." in name or not own_namespace else f"{own_namespace}.{name}"
        if full_name in self.named or full_name in (*get_args(PrimitiveKind), *COMPLEX_KINDS):
            _refuse(path, f"type {full_name!r} is declared twice")
        self.named[full_name] = None
        return full_name, full_name.rpartition(".")[0]

    def _field(self, schema: Json, path: str, namespace: str) -> Field:
        if not isinstance(schema, dict):
            _refuse(path, "a field is an object")
        name = schema.get("name")
        if not isinstance(name, str) or not NAME.fullmatch(name):
            _refuse(path, f"{name!r} is no field name")
        path = f"{path}.{name}" if path else name
        if "type" not in schema:
            _refuse(path, "a field has a type")
        unknown = schema.keys() - FIELD_ATTRIBUTES - RULE_NAMES.keys()
        if unknown:
            _refuse(path, f"unknown attribute {', '.join(sorted(unknown))}")
        avro_type = self._value(schema["type"], path, namespace)
        rules = {key: value for key, value in schema.items() if key in RULE_NAMES}
        avro_type = with_rules(avro_type, rules, path) if rules else avro_type
        return Field(
            name=name,
            type=avro_type,
            has_default="default" in schema,
            default=_default(schema["default"], avro_type, path) if "default" in schema else None,
            aliases=_aliases(schema.get("aliases", []), path),
        )


def _primitive(kind: str, logical: Json, path: str) -> Primitive:
    if logical is not None and logical not in LOGICAL_OF.get(kind, ()):
        _refuse(path, f"logical type {logical!r} on {kind} is not supported")
    return Primitive(kind=cast("PrimitiveKind", kind), logical=cast("LogicalKind | None", logical))


def _decimal(schema: dict[str, Json], storage: Primitive | Fixed, path: str) -> AvroDecimal:
    precision, scale = schema.get("precision"), schema.get("scale", 0)
    if not _is_count(precision) or not 1 <= precision <= MOST_DIGITS:
        _refuse(path, f"a decimal has a precision, of 1 to {MOST_DIGITS} digits")
    if not _is_count(scale) or not 0 <= scale <= precision:
        _refuse(path, "a decimal's scale is 0 to its precision")
    if isinstance(storage, Fixed) and (10**precision - 1).bit_length() >= 8 * storage.size:
        _refuse(path, f"{precision} digits do not fit into {storage.size} bytes")
    return AvroDecimal(storage=storage, precision=precision, scale=scale)


def _is_count(value: Json) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _aliases(declared: Json, path: str) -> tuple[str, ...]:
    names = declared if isinstance(declared, list) else [declared]
    aliases = tuple(name for name in names if isinstance(name, str) and NAME.fullmatch(name))
    if not isinstance(declared, list) or len(aliases) != len(names):
        _refuse(path, "a field's aliases are a list of names")
    return aliases


def _default(default: Json, avro_type: AvroType, path: str) -> Any:
    try:
        return read_default(default, avro_type)
    except RejectedError as rejected:
        raise SchemaError(path, f"its default breaks it: {rejected}") from rejected


def _refuse_depth(path: str) -> NoReturn:
    _refuse(path, f"types nest more than {DEEPEST} deep, unions counted")


def _refuse(path: str, problem: str) -> NoReturn:
    raise SchemaError(path, problem)

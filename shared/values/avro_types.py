"""An Avro schema as typed values, with the rules of each field: what validation walks over."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, TypeAlias

PrimitiveKind = Literal["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
LogicalKind = Literal[
    "uuid",
    "date",
    "time-millis",
    "time-micros",
    "timestamp-millis",
    "timestamp-micros",
    "local-timestamp-millis",
    "local-timestamp-micros",
]
Number: TypeAlias = float | Decimal
Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

INT32 = range(-(2**31), 2**31)
INT64 = range(-(2**63), 2**63)


class SchemaError(Exception):
    """A contract's schema cannot be used: which field, and why."""

    def __init__(self, path: str, problem: str) -> None:
        """Keep the field's path apart from the problem; the caller adds the file's name."""
        self.path, self.problem = path, problem
        super().__init__(f"{path or 'the record'}: {problem}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Bounds on a field's value, named and meant as in JSON Schema (validation, section 6)."""

    minimum: Number | None = None
    maximum: Number | None = None
    exclusive_minimum: Number | None = None
    exclusive_maximum: Number | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: re.Pattern[str] | None = None


NO_RULES = Rules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Primitive:
    """A type without parts; `logical` narrows what its value means."""

    kind: PrimitiveKind
    logical: LogicalKind | None = None
    rules: Rules = NO_RULES


NULL = Primitive(kind="null")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """Exactly `size` bytes; 16 for a uuid."""

    full_name: str
    size: int
    logical: Literal["uuid"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AvroDecimal:
    """A number of `precision` decimal digits, `scale` of them after the point, kept in bytes."""

    storage: Primitive | Fixed
    precision: int
    scale: int
    rules: Rules = NO_RULES


@dataclass(frozen=True, slots=True, kw_only=True)
class Enum:
    """One of a list of symbols."""

    full_name: str
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Array:
    """Any number of items of one type."""

    items: "AvroType"


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """Any number of string keys with values of one type."""

    values: "AvroType"


@dataclass(frozen=True, kw_only=True)
class Union:
    """One of several types; a JSON value belongs to the first branch that accepts it."""

    branches: tuple["AvroType", ...]

    @cached_property
    def beside_null(self) -> "AvroType | None":
        """The other type, if the union has null and one other type."""
        others = [branch for branch in self.branches if branch != NULL]
        return others[0] if len(others) == 1 < len(self.branches) else None


@dataclass(frozen=True, kw_only=True)
class Field:
    """A record's field; JSON may call it by an alias. `default` counts only where `has_default`."""

    name: str
    type: "AvroType"
    has_default: bool = False
    default: Any = None
    aliases: tuple[str, ...] = ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What it may be called, its own name first."""
        return (self.name, *self.aliases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Named fields in order; `by_name` has each under all of its names."""

    full_name: str
    fields: tuple[Field, ...]
    by_name: Mapping[str, Field]


AvroType = Primitive | Fixed | AvroDecimal | Enum | Array | Map | Union | Record


def branch_name(branch: AvroType) -> str:
    """A union branch's name, by which Avro tells branches apart (specification, Unions)."""
    match branch:
        case Primitive(kind=kind):
            return kind
        case AvroDecimal(storage=storage):
            return branch_name(storage)
        case Fixed(full_name=name) | Enum(full_name=name) | Record(full_name=name):
            return name
        case Array():
            return "array"
        case Map():
            return "map"
        case Union():
            return "union"

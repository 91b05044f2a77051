"""Contracts with every possible type, rule and default, drawn from a random source."""

from collections.abc import Callable
from random import Random
from typing import Any

from shared.contracts.contract import Contract, ContractId, parse_contract
from shared.errors import MisconfiguredError

# Patterns that the native core supports, and others, with texts that test their limits.
PATTERNS: dict[str, tuple[str, ...]] = {
    "": ("", "a"),
    "^[a-z]+$": ("abc", "abc\n", "ab\nc", "ABC", ""),
    r"\d{2,}": ("12", "a123", "\u0661\u0662", "1"),
    r"^a|b$": ("ab", "xb", "xb\n", "ax"),
    r"^(?:ab|cd){1,3}$": ("abcd", "ababcdcd", ""),
    r"\w+\s\S": ("a b", "a\u00a0b", "\u00e9 b", "a\x1cb", "a\vb"),
    r"[^\d\s]": ("1 2", "1x", "\u0661", "\u2003"),
    r"[\W_]-": ("a-", "_-", "\u00e9-"),
    ".": ("\n", "\r", "\u2028", ""),
    "x{,2}y": ("y", "xxxy", "x"),
    "x{2}?y{1,}?z*?$": ("xxy", "xxyz\n", "xy"),
    r"\Aq\Z": ("q", "q\n", "qq"),
    "a.c|[a-c\\]\\-]{2}": ("abc", "a\nc", "]-", "a\U0001f600c"),
    "[^\u00e9]\u20ac": ("\u00e9\u20ac", "e\u20ac"),
    r"\bfoo": ("foo", "a foo", "\u00e9foo", "afoo"),
    "(?i)x": ("X", "x"),
    r"(a)\1": ("aa", "ab"),
    "a(?=b)": ("ab", "ac"),
    "^a$\n": ("a\n", "a"),
}
SYMBOLS = ("A", "B", "CC", "created", "x_1", "Zz9")
NAMES = ("a", "b", "aa", "id", "note", "Kind", "_x", "a_rather_long_field_name_1", "x2", "y", "z")


ATOMS = (
    "a", "b", ".", "[ab]", "[^a]", r"\d", r"\W", r"\s", r"[\w-]", r"[^\S\d]", r"\n", r"\x41",
    r"\u20ac", "\u00e9", "[\u00e0-\u20ac]", r"\.", r"[\]^-]", "[a-z0-9]", r"\t", "{", "]", "(?:)",
)  # fmt: skip
COUNTS = ("", "", "", "?", "*", "+", "{2}", "{,2}", "{1,}", "{0,3}", "*?", "??", "{,2}?")
PLACES = ("", "", "", "^", "$", r"\A", r"\Z", r"\b")


def draw_pattern(random: Random, depth: int = 1) -> str:
    """A pattern of a few parts; groups nest once, and only inner parts repeat without a limit."""
    parts = [random.choice(PLACES)]
    for _ in range(random.randint(1, 3)):
        if depth and random.random() < 0.4:
            inner = "|".join(draw_pattern(random, 0) for _ in range(random.randint(1, 3)))
            opening = random.choice(["(", "(?:", "(?P<n>"])
            parts.append(f"{opening}{inner}){random.choice(['', '?', '{,2}'])}")
        else:
            parts.append(random.choice(ATOMS) + random.choice(COUNTS))
    return "".join([*parts, random.choice(PLACES)])


SPACES = ("", "", "space0", "space1.inner")


class Schemas:
    """Draws schemas; a named type has a unique full name, and later types may refer to it."""

    def __init__(self, random: Random) -> None:
        """Keep the random source."""
        self.random, self.numbers, self.namespace = random, 0, ""
        #: The named types so far: the full name, and a default that fits.
        self.named: list[tuple[str, Any]] = []

    def contract(self) -> Contract:
        """A valid contract; an invalid one is drawn again."""
        while True:
            self.named, self.numbers, self.namespace = [], 0, ""
            fields = [field for field, _ in self._fields(2, 6)]
            schema: dict[str, Any] = {"type": "record", "name": "simple", "fields": fields}
            try:
                return parse_contract(ContractId(name="simple", version=1), schema, "drawn")
            except MisconfiguredError:
                continue

    def _fields(self, depth: int, most: int) -> list[tuple[dict[str, Any], Any]]:
        names = self.random.sample(NAMES, self.random.randint(1, most))
        return [self._field(name, depth) for name in names]

    def _field(self, name: str, depth: int) -> tuple[dict[str, Any], Any]:
        """A field, and a default for its type, whether the field uses it or not."""
        schema, default = self._any_type(depth)
        field = {"name": name, "type": schema}
        if self.random.random() < 0.4:
            field["default"] = default
        if self.random.random() < 0.2:
            field["aliases"] = [f"{name}_was", f"{name}_once"][: self.random.randint(1, 2)]
        if self.random.random() < 0.5:
            field |= self._rules(schema)
        return field, default

    def _any_type(self, depth: int) -> tuple[Any, Any]:
        """A schema, and a default that fits it, in Avro's form of defaults."""
        draw: list[Callable[[], tuple[Any, Any]]] = [self._plain, self._plain, self._logical]
        draw += [self._decimal, self._name, self._name]
        if depth:
            inner = depth - 1
            draw += [
                lambda: self._array(inner),
                lambda: self._map(inner),
                lambda: self._record(inner),
                lambda: self._record(inner),
                lambda: self._optional(inner),
                lambda: self._optional(inner),
                lambda: self._union(inner),
                lambda: self._union(inner),
            ]
        return self.random.choice(draw)()

    def _plain(self) -> tuple[Any, Any]:
        choices = {
            "boolean": True, "int": -5, "long": 2**40, "float": 0.1, "double": 1e300,
            "bytes": "\u00ff\u0000", "string": "caf\u00e9",
        }  # fmt: skip
        return self.random.choice(list(choices.items()))

    def _logical(self) -> tuple[Any, Any]:
        kind, name = self.random.choice(
            [
                ("string", "uuid"), ("int", "date"), ("int", "time-millis"),
                ("long", "time-micros"), ("long", "timestamp-millis"),
                ("long", "timestamp-micros"), ("long", "local-timestamp-millis"),
                ("long", "local-timestamp-micros"),
            ]
        )  # fmt: skip
        default = "00010203-0405-0607-0809-0a0b0c0d0e0f" if name == "uuid" else 7
        return {"type": kind, "logicalType": name}, default

    def _decimal(self) -> tuple[Any, Any]:
        precision = self.random.choice([1, 4, 9, 18, 19, 38])
        scale = self.random.choice([0, precision, self.random.randint(0, precision)])
        schema: dict[str, Any] = {"type": "bytes"}
        if self.random.random() < 0.5:
            schema = {"type": "fixed", **self._new_name(), "size": 17}
        size = schema.get("size", 1)
        attributes = {"logicalType": "decimal", "precision": precision, "scale": scale}
        return schema | attributes, "\u0000" * size

    def _name(self) -> tuple[Any, Any]:
        """A named type: an enum, a fixed, or one that was drawn before."""
        if self.named and self.random.random() < 0.4:
            full_name, default = self.random.choice(self.named)
            return self._reference(full_name), default
        name, size = self._new_name(), self.random.randint(1, 4)
        symbols = self.random.sample(SYMBOLS, self.random.randint(1, len(SYMBOLS)))
        made: tuple[Any, Any] = self.random.choice(
            [
                ({"type": "enum", **name, "symbols": symbols}, symbols[0]),
                ({"type": "fixed", **name, "size": size}, "\u0080" * size),
                ({"type": "fixed", **name, "size": 16, "logicalType": "uuid"}, "u" * 16),
            ]
        )
        self.named.append((self._full_name(name), made[1]))
        return made

    def _new_name(self) -> dict[str, str]:
        """A name in one of its possible forms; some names differ only in their namespace."""
        self.numbers += 1
        short, namespace = f"N{self.numbers % 3}", self.random.choice(SPACES)
        forms = [{"name": short}, {"name": short, "namespace": namespace}]
        return self.random.choice([*forms, {"name": f"{namespace or 'space2'}.{short}"}])

    def _full_name(self, name: dict[str, str]) -> str:
        namespace = name.get("namespace", self.namespace)
        return name["name"] if "." in name["name"] else f"{namespace}.{name['name']}".strip(".")

    def _reference(self, full_name: str) -> str:
        """The full name, or sometimes the short one if it means the same."""
        namespace, _, short = full_name.rpartition(".")
        is_short = namespace == self.namespace and self.random.random() < 0.5
        return short if is_short else full_name

    def _array(self, depth: int) -> tuple[Any, Any]:
        items, default = self._any_type(depth)
        return {"type": "array", "items": items}, self.random.choice([[], [default] * 2])

    def _map(self, depth: int) -> tuple[Any, Any]:
        values, default = self._any_type(depth)
        return {"type": "map", "values": values}, self.random.choice([{}, {"k": default}])

    def _record(self, depth: int) -> tuple[Any, Any]:
        name, outer = self._new_name(), self.namespace
        self.namespace = self._full_name(name).rpartition(".")[0]
        drawn = self._fields(depth, 4)
        self.namespace = outer
        default = {
            field["name"]: default
            for field, default in drawn
            if "default" not in field or self.random.random() < 0.5
        }
        schema = {"type": "record", **name, "fields": [field for field, _ in drawn]}
        self.named.append((self._full_name(name), default))
        return schema, default

    def _optional(self, depth: int) -> tuple[Any, Any]:
        inner, default = self._any_type(depth)
        if isinstance(inner, list):
            return inner, default
        return self.random.choice([(["null", inner], None), ([inner, "null"], default)])

    def _union(self, depth: int) -> tuple[Any, Any]:
        drawn = [self._any_type(depth) for _ in range(self.random.randint(1, 4))]
        drawn += [("null", None)] * self.random.randint(0, 1)
        self.random.shuffle(drawn)
        schemas = [schema for schema, _ in drawn if not isinstance(schema, list)]
        return schemas or "int", drawn[0][1]

    def _rules(self, schema: Any) -> dict[str, Any]:
        kinds = [item.get("type") if isinstance(item, dict) else item for item in _branches(schema)]
        if "string" in kinds:
            return self.random.choice(
                [
                    {"pattern": self.random.choice(list(PATTERNS))},
                    {"pattern": draw_pattern(self.random)},
                    {"minLength": 1, "maxLength": 3},
                    {"minLength": 2},
                ]
            )
        if {"int", "long", "float", "double", "bytes", "fixed"}.isdisjoint(kinds):
            return {}
        low = self.random.choice([-(10**25), -(2**63), -7, -2.5, 0, 0.1, 1e-7, 3])
        high = self.random.choice([3, 3.5, 2**53 + 1, 1e18, 9.99, 10**19, 1e300])
        names = self.random.choice(
            [("minimum", "maximum"), ("exclusiveMinimum", "exclusiveMaximum"), ("minimum", "")]
        )
        return {name: bound for name, bound in zip(names, (low, high), strict=True) if name}


def _branches(schema: Any) -> list[Any]:
    return schema if isinstance(schema, list) else [schema]

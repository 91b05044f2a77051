"""Makes values that keep a contract, from its schema alone."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import ceil, floor, inf, nextafter
from random import Random
from string import ascii_lowercase, digits
from typing import Any
from uuid import UUID

from producer.errors import UsageError
from shared.values.avro_types import (
    Array,
    AvroDecimal,
    AvroType,
    Enum,
    Fixed,
    Map,
    Number,
    Primitive,
    Record,
    Rules,
    Union,
    branch_name,
)
from shared.values.checking import check
from shared.values.decimals import EXACT
from shared.values.rejection import RejectedError

START = datetime(2026, 1, 1, tzinfo=UTC)
SPAN = 1_000
TRIES = 100


def synthesize_records(record: Record, seed: int) -> Iterator[dict[str, Any]]:
    """Synthesize a contract's values without end; the same seed gives the same values."""
    random = Random(seed)
    while True:
        yield synthesize(record, random)


def synthesize(avro_type: AvroType, random: Random) -> Any:
    """Make one value; raises UsageError if chance finds none that keeps the rules."""
    match avro_type:
        case Record(fields=fields):
            return {item.name: synthesize(item.type, random) for item in fields}
        case Enum(symbols=symbols):
            return random.choice(symbols)
        case Array(items=items):
            return [synthesize(items, random) for _ in range(random.randrange(3))]
        case Map(values=values):
            return {f"key{n}": synthesize(values, random) for n in range(random.randrange(3))}
        case Union(branches=branches):
            return synthesize(branches[-1 if random.random() < 0.8 else 0], random)
        case Fixed(logical="uuid"):
            return _guess_uuid(random)
        case Fixed(size=size):
            return _guess_base64(size, random)
        case Primitive() | AvroDecimal():
            return _synthesize_ruled(avro_type, random)


def _synthesize_ruled(ruled: Primitive | AvroDecimal, random: Random) -> Any:
    for _ in range(TRIES):
        value = _guess(ruled, random)
        try:
            check(value, ruled)
        except RejectedError:
            continue
        return value
    kind = branch_name(ruled)
    message = f"no {kind} that keeps {ruled.rules} was found: replay a file instead"
    raise UsageError(message)


def _guess(ruled: Primitive | AvroDecimal, random: Random) -> Any:
    if isinstance(ruled, AvroDecimal):
        return _guess_decimal(ruled, random)
    return _guess_primitive(ruled, random)


def _guess_primitive(primitive: Primitive, random: Random) -> Any:
    match primitive.kind, primitive.logical:
        case "null", _:
            return None
        case "boolean", _:
            return random.random() < 0.5
        case _, "uuid":
            return _guess_uuid(random)
        case _, "date":
            return (START + timedelta(days=random.randrange(365))).date().isoformat()
        case _, "timestamp-millis" | "timestamp-micros":
            return (START + timedelta(milliseconds=random.randrange(10**9))).isoformat()
        case _, "time-millis" | "time-micros":
            return (START + timedelta(milliseconds=random.randrange(10**8))).time().isoformat()
        case _, "local-timestamp-millis" | "local-timestamp-micros":
            at = START + timedelta(milliseconds=random.randrange(10**9))
            return at.replace(tzinfo=None).isoformat()
        case "bytes", _:
            return _guess_base64(random.randrange(12), random)
        case "string", _:
            return _guess_text(primitive, random)
        case _:
            return _guess_number(primitive, random)


def _guess_uuid(random: Random) -> str:
    return str(UUID(int=random.getrandbits(128), version=4))


def _guess_base64(size: int, random: Random) -> str:
    return b64encode(random.randbytes(size)).decode()


def _guess_decimal(decimal: AvroDecimal, random: Random) -> str:
    low, high = _bounds(decimal.rules)
    first = ceil(EXACT.scaleb(Decimal(low), decimal.scale))
    last = floor(EXACT.scaleb(Decimal(high), decimal.scale))
    most = 10**decimal.precision - 1
    units = random.randint(max(first, -most), max(first, min(last, most)))
    return str(EXACT.scaleb(Decimal(units), -decimal.scale))


def _guess_text(primitive: Primitive, random: Random) -> str:
    shortest, longest = primitive.rules.min_length or 0, primitive.rules.max_length
    at_most = shortest + 12 if longest is None else min(shortest + 12, longest)
    length = random.randint(shortest, at_most)
    return "".join(random.choices(ascii_lowercase + digits, k=length))


def _guess_number(primitive: Primitive, random: Random) -> float:
    low, high = _bounds(primitive.rules)
    if primitive.kind in ("int", "long"):
        return random.randint(ceil(low), max(ceil(low), floor(high)))
    return random.choice((random.uniform(float(low), float(high)), nextafter(low, inf)))


def _bounds(rules: Rules) -> tuple[Number, Number]:
    """The bounds between which to guess."""
    lowest = [bound for bound in (rules.minimum, rules.exclusive_minimum) if bound is not None]
    highest = [bound for bound in (rules.maximum, rules.exclusive_maximum) if bound is not None]
    low = max(lowest) if lowest else min(highest, default=SPAN) - SPAN
    high = min(highest) if highest else low + SPAN
    return low, high

"""Known-bad events: a good event of any contract, changed so that it breaks for one reason.

It makes every reason for which the contract has a place, except one: a body beyond 1 MiB, since the
hub itself refuses a message of that size. Bodies are JSON, whatever the good events are, except for
the reasons that only Avro has.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from producer.bad_values import CANDIDATES, BadValue, find_bad_value, put_value
from producer.body import AvroEncoder
from shared.contracts.catalog import AVRO_CONTENT_TYPE
from shared.contracts.contract import Contract
from shared.values.avro_types import AvroDecimal, AvroType, Fixed, Primitive, Record
from shared.values.json_body import JSON_CONTENT_TYPE, encode_json
from shared.values.rejection import Reason

# Beyond what any reader's stack takes, and still a small body.
TOO_DEEP = 20_000
LONGER_THAN_AN_INTEGER = b"\xff" * 11
SIZES = {"null": 0, "float": 4, "double": 8}


@dataclass(frozen=True, slots=True, kw_only=True)
class BadEvent:
    """What to send, and the reason why the service keeps it in quarantine."""

    reason: Reason
    body: bytes
    contract: str
    content_type: str


class BadEvents:
    """Makes a contract's known-bad events, one reason after another."""

    def __init__(self, contract: Contract) -> None:
        """Begin with the first reason."""
        self._contract = contract
        self._encoder = AvroEncoder(contract)
        self._turn = 0

    def next(self, good: Mapping[str, Any]) -> BadEvent:
        """Make the next one from a good event's value."""
        while True:
            reason = ORDER[self._turn % len(ORDER)]
            self._turn += 1
            made = self.make(reason, good)
            if made is not None:
                return made

    def make(self, reason: Reason, good: Mapping[str, Any]) -> BadEvent | None:
        """Make one for this reason; None if the contract, or this event, has no place for it."""
        contract, content_type = str(self._contract.id), JSON_CONTENT_TYPE
        body: bytes | None
        if reason in ADDRESSES:
            contract, body = ADDRESSES[reason](self._contract), encode_json(good)
        elif reason in TEXTS:
            body = TEXTS[reason](encode_json(good))
        elif reason in AVRO:
            content_type, body = AVRO_CONTENT_TYPE, self._break_avro(reason, good)
        else:
            value = self._break_value(reason, good)
            body = None if value is None else encode_json(value)
        if body is None:
            return None
        return BadEvent(reason=reason, body=body, contract=contract, content_type=content_type)

    def _break_avro(self, reason: Reason, good: Mapping[str, Any]) -> bytes | None:
        body = self._encoder.encode(dict(good))
        return AVRO[reason](body, self._contract.record) if body is not None else None

    def _break_value(self, reason: Reason, good: Mapping[str, Any]) -> Any:
        record = self._contract.record
        if reason in FIELDS and (changed := FIELDS[reason](good, record)) is not None:
            return changed
        bad = self._bad_values.get(reason)
        return None if bad is None else put_value(dict(good), record, bad.steps, bad.value)

    @cached_property
    def _bad_values(self) -> Mapping[Reason, BadValue | None]:
        record = self._contract.record
        return {reason: find_bad_value(record, reason) for reason in CANDIDATES}


def _name_unknown_contract(_: Contract) -> str:
    return "no_such_contract/1"


def _name_unknown_version(contract: Contract) -> str:
    return f"{contract.id.name}/0"


def _empty(_: bytes) -> bytes:
    return b""


def _put_invalid_utf8(body: bytes) -> bytes:
    return body[:-1] + b'"\xff"}'


def _cut_json(body: bytes) -> bytes:
    return body[:-1]


def _nest_too_deep(_: bytes) -> bytes:
    return b'{"nested":' + b"[" * TOO_DEEP + b"]" * TOO_DEEP + b"}"


def _wrap_in_array(body: bytes) -> bytes:
    return b"[" + body + b"]"


def _repeat_key(body: bytes) -> bytes | None:
    key_ends = body.find(b'":')
    return None if key_ends < 0 else body[: key_ends + 2] + b"null," + body[1:]


def _truncate_avro(body: bytes, _: Record) -> bytes | None:
    return body[:-1] if len(body) > 1 else None


def _append_to_avro(body: bytes, _: Record) -> bytes:
    return body + b"\x00"


def _malform_avro(body: bytes, record: Record) -> bytes | None:
    """Put an endless integer, which is no boolean either, over the first value of variable size."""
    start = 0
    for size in _sizes(record):
        if size is None:
            return body[:start] + LONGER_THAN_AN_INTEGER
        start += size
    return None


def _sizes(avro_type: AvroType) -> Iterator[int | None]:
    """List the sizes of a record's values in Avro, None for values of variable size."""
    match avro_type:
        case Record(fields=fields):
            for item in fields:
                yield from _sizes(item.type)
        case AvroDecimal(storage=storage):
            yield from _sizes(storage)
        case Fixed(size=size):
            yield size
        case Primitive(kind=kind):
            yield SIZES.get(kind)
        case _:
            yield None


def _drop_required_field(good: Mapping[str, Any], record: Record) -> dict[str, Any] | None:
    required = next((item for item in record.fields if not item.has_default), None)
    if required is None:
        return None
    return {name: value for name, value in good.items() if name not in required.names}


def _add_unknown_field(good: Mapping[str, Any], record: Record) -> dict[str, Any]:
    name = "no_such_field"
    while name in record.by_name:
        name += "_"
    return {**good, name: 1}


ADDRESSES: Mapping[Reason, Callable[[Contract], str]] = {
    Reason.UNKNOWN_CONTRACT: _name_unknown_contract,
    Reason.UNKNOWN_VERSION: _name_unknown_version,
}
TEXTS: Mapping[Reason, Callable[[bytes], bytes | None]] = {
    Reason.EMPTY_BODY: _empty,
    Reason.INVALID_UTF8: _put_invalid_utf8,
    Reason.INVALID_JSON: _cut_json,
    Reason.JSON_TOO_DEEP: _nest_too_deep,
    Reason.NOT_AN_OBJECT: _wrap_in_array,
    Reason.DUPLICATE_KEY: _repeat_key,
}
AVRO: Mapping[Reason, Callable[[bytes, Record], bytes | None]] = {
    Reason.AVRO_TRUNCATED: _truncate_avro,
    Reason.AVRO_TRAILING_BYTES: _append_to_avro,
    Reason.AVRO_MALFORMED: _malform_avro,
}
FIELDS: Mapping[Reason, Callable[[Mapping[str, Any], Record], dict[str, Any] | None]] = {
    Reason.MISSING_FIELD: _drop_required_field,
    Reason.UNKNOWN_FIELD: _add_unknown_field,
}
NOT_OVER_A_HUB = frozenset({Reason.BODY_TOO_LARGE})
ORDER = tuple(reason for reason in Reason if reason not in NOT_OVER_A_HUB)

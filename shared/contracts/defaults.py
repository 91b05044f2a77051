"""A field's default, as a contract writes it (Avro 1.11, Complex Types: Records)."""

from typing import Any

from shared.values.avro_types import (
    Array,
    AvroDecimal,
    AvroType,
    Fixed,
    Json,
    Map,
    Primitive,
    Record,
    Union,
    branch_name,
)
from shared.values.checking import check
from shared.values.rejection import Reason, RejectedError, reject


def read_default(default: Json, avro_type: AvroType) -> Any:
    """Return the value that stands in for a missing one; raises RejectedError.

    Avro writes defaults in another form than events: bytes as text, one character for each byte,
    and dates and times as integers. Readers refuse a file whose schema does not.
    """
    value = _read(default, avro_type)
    check(value, avro_type)
    return value


def _read(default: Json, avro_type: AvroType) -> Any:
    match avro_type, default:
        case (Primitive(kind="bytes") | Fixed() | AvroDecimal(), _):
            return _read_bytes(default)
        case (Primitive(kind="int" | "long"), str()):
            reject(Reason.WRONG_TYPE, "a default is an integer here")
        case (Record(by_name=known), dict()):
            return {
                name: _read(item, known[name].type) if name in known else item
                for name, item in default.items()
            }
        case (Array(items=items), list()):
            return [_read(item, items) for item in default]
        case (Map(values=values), dict()):
            return {key: _read(item, values) for key, item in default.items()}
        case (Union(), _):
            return _read_branch(default, avro_type)
    return default


def _read_bytes(default: Json) -> bytes:
    try:
        return default.encode("latin-1") if isinstance(default, str) else _refuse_bytes()
    except UnicodeEncodeError:
        return _refuse_bytes()


def _refuse_bytes() -> bytes:
    return reject(Reason.WRONG_TYPE, "a default is text of the characters U+0000 to U+00FF here")


def _read_branch(default: Json, union: Union) -> Any:
    for branch in union.branches:
        try:
            value = read_default(default, branch)
        except RejectedError:
            continue
        return value if union.beside_null is not None else (branch_name(branch), value)
    return default

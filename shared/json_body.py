"""Read a JSON body strictly (RFC 8259), and as plain values; write one."""

import json
from base64 import b64encode
from collections import Counter
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from shared.decimals import parse_number
from shared.rejection import DuplicateKeyObject, Reason, reject

JSON_CONTENT_TYPE = "application/json"
LONGEST_EXACT_INTEGER = 400
BEYOND_ANY_NUMBER: int = 10**LONGEST_EXACT_INTEGER


def decode_json(body: bytes) -> dict[str, Any]:
    """Decode one JSON object; raises RejectedError.

    A key that stands twice makes a DuplicateKeyObject, and NaN or infinity a float, so that
    validation can name the field. Other numbers are int or Decimal: no digit is lost.
    """
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=parse_number,
        )
    except UnicodeDecodeError as error:
        reject(Reason.INVALID_UTF8, f"byte {error.start} is not UTF-8")
    except json.JSONDecodeError as error:
        reject(Reason.INVALID_JSON, f"{error.msg} at character {error.pos}")
    except RecursionError:
        reject(Reason.JSON_TOO_DEEP, "nested too deep")
    if not isinstance(value, dict):
        reject(Reason.NOT_AN_OBJECT, "the body is JSON, but no object")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    decoded = dict(pairs)
    if len(decoded) == len(pairs):
        return decoded
    counted = Counter(key for key, _ in pairs)
    return DuplicateKeyObject(decoded, next(key for key in counted if counted[key] > 1))


def _integer(digits: str) -> int:
    """Keep integers exact, but spend no time on ones that fit neither a long nor a double."""
    if len(digits) <= LONGEST_EXACT_INTEGER:
        return int(digits)
    return -BEYOND_ANY_NUMBER if digits.startswith("-") else BEYOND_ANY_NUMBER


def encode_json(value: Any) -> bytes:
    """Encode a value; what JSON has no form for (a lone surrogate, NaN) is left to the service.

    A Decimal is a number where no digit is lost by that, else text.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return text.encode("utf-8", "surrogatepass")


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
        case date() | time():
            return value.isoformat()
        case Decimal():
            number = float(value)
            return number if Decimal(repr(number)) == value else str(value)
        case bytes() | bytearray():
            return b64encode(value).decode()
        case _:
            return str(value)

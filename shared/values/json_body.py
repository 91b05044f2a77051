"""Read a JSON body strictly (RFC 8259), and as plain values; write one."""

import json
import re
from base64 import b64encode
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, NoReturn

from shared.values.decimals import parse_number
from shared.values.rejection import DuplicateKeyObject, Reason, reject

JSON_CONTENT_TYPE = "application/json"
LONGEST_EXACT_INTEGER = 400
# Deeper than any contract's type, and below every Python's own limit.
DEEPEST = 128
STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}\[\]]')
SPACE_AFTER_COMMA = re.compile(r",[ \t\n\r]*")
BEYOND_ANY_NUMBER: int = 10**LONGEST_EXACT_INTEGER


def decode_json(body: bytes) -> dict[str, Any]:
    """Decode one JSON object; raises RejectedError.

    A key that stands twice makes a DuplicateKeyObject, and NaN or infinity a float, so that
    validation can name the field. Other numbers are int or Decimal: no digit is lost. If a body
    both nests too deep and is not JSON, the fault that comes first is reported.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        reject(Reason.INVALID_UTF8, f"byte {error.start} is not UTF-8")
    value = _parse(text)
    if not isinstance(value, dict):
        reject(Reason.NOT_AN_OBJECT, "the body is JSON, but no object")
    return value


def _parse(text: str) -> Any:
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=parse_number
        )
    except json.JSONDecodeError as error:
        position = _position(error)
        _refuse_depth(text[:position])
        reject(Reason.INVALID_JSON, f"not JSON (RFC 8259) at character {position}")
    except RecursionError:
        _reject_depth()
    _refuse_depth(text)
    return value


def _position(error: json.JSONDecodeError) -> int:
    """Find the character at which the text stops being JSON.

    For a string without an end it is the opening quote, for a wrong escape its backslash.
    """
    # Python 3.13 and later name the comma; earlier versions name what follows it.
    after_comma = SPACE_AFTER_COMMA.match(error.doc, error.pos)
    named = error.msg.startswith("Illegal trailing comma")
    return after_comma.end() if named and after_comma else error.pos


def _refuse_depth(text: str) -> None:
    """Refuse what nests deeper than DEEPEST; the text must be JSON, or the beginning of it."""
    if text.count("{") + text.count("[") <= DEEPEST:
        return
    depth = 0
    for token in STRING_OR_BRACKET.finditer(text):
        depth += (token[0] in "{[") - (token[0] in "}]")
        if depth > DEEPEST:
            _reject_depth()


def _reject_depth() -> NoReturn:
    reject(Reason.JSON_TOO_DEEP, f"nested more than {DEEPEST} deep")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    decoded = dict(pairs)
    if len(decoded) == len(pairs):
        return decoded
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            return DuplicateKeyObject(decoded, key)
        seen.add(key)
    return decoded


def _integer(digits: str) -> int:
    """Keep integers exact, but spend no time on ones that fit neither a long nor a double."""
    if len(digits) <= LONGEST_EXACT_INTEGER:
        return int(digits)
    return -BEYOND_ANY_NUMBER if digits.startswith("-") else BEYOND_ANY_NUMBER


def encode_json(value: Any) -> bytes:
    """Encode a value; the service judges what JSON has no form for (a lone surrogate, NaN).

    A Decimal becomes a number if no digit is lost, else text.
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

"""Why an event is kept in quarantine: the reason codes, and how a rejection finds its path."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, NamedTuple, NoReturn

LONGEST = 256


class Reason(StrEnum):
    """Why an event is kept in quarantine; one code per kind of fault."""

    EMPTY_BODY = "empty_body"
    BODY_TOO_LARGE = "body_too_large"
    UNKNOWN_CONTRACT = "unknown_contract"
    UNKNOWN_VERSION = "unknown_version"
    INVALID_UTF8 = "invalid_utf8"
    INVALID_JSON = "invalid_json"
    JSON_TOO_DEEP = "json_too_deep"
    NOT_AN_OBJECT = "not_an_object"
    DUPLICATE_KEY = "duplicate_key"
    AVRO_TRUNCATED = "avro_truncated"
    AVRO_TRAILING_BYTES = "avro_trailing_bytes"
    AVRO_MALFORMED = "avro_malformed"
    MISSING_FIELD = "missing_field"
    UNKNOWN_FIELD = "unknown_field"
    WRONG_TYPE = "wrong_type"
    OUT_OF_RANGE = "out_of_range"
    NOT_FINITE = "not_finite"
    UNKNOWN_SYMBOL = "unknown_symbol"
    BAD_BASE64 = "bad_base64"
    BAD_DECIMAL = "bad_decimal"
    BAD_UUID = "bad_uuid"
    BAD_DATE = "bad_date"
    BAD_TIME = "bad_time"
    BAD_TIMESTAMP = "bad_timestamp"
    RULE_MINIMUM = "rule_minimum"
    RULE_MAXIMUM = "rule_maximum"
    RULE_EXCLUSIVE_MINIMUM = "rule_exclusive_minimum"
    RULE_EXCLUSIVE_MAXIMUM = "rule_exclusive_maximum"
    RULE_MIN_LENGTH = "rule_min_length"
    RULE_MAX_LENGTH = "rule_max_length"
    RULE_PATTERN = "rule_pattern"


class Rejection(NamedTuple):
    """Why a body breaks its contract; `path` is empty where the whole body is at fault.

    A tuple, as there is one for each bad event: a dataclass takes more than twice as long.
    """

    reason: Reason
    path: str
    detail: str


class RejectedError(Exception):
    """Carries a rejection up from the depth where it was found; never leaves validation."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """Start at the value at fault; the path grows on the way up."""
        self.reason, self.detail = reason, detail
        self.steps: list[str] = []
        super().__init__(detail)

    def rejection(self) -> Rejection:
        """The finished value, its path and detail cut to a readable length."""
        path = encodable("".join(reversed(self.steps)).removeprefix("."))
        detail = encodable(self.detail)
        return Rejection(reason=self.reason, path=path[:LONGEST], detail=detail[:LONGEST])


def encodable(text: str) -> str:
    """Escape lone surrogates: a sender's text may hold them, but UTF-8 cannot."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


@contextmanager
def at(step: str) -> Iterator[None]:
    """Add this step to the path of a rejection that is raised inside."""
    try:
        yield
    except RejectedError as rejected:
        rejected.steps.append(step)
        raise


def reject(reason: Reason, detail: str) -> NoReturn:
    """Reject the value at hand."""
    raise RejectedError(reason, detail)


def key_step(key: str) -> str:
    """The step to a map's value: `["key"]`, as JSON writes the key."""
    return f"[{json.dumps(key, ensure_ascii=False)}]"


class DuplicateKeyObject(dict[str, Any]):
    """A JSON object or Avro map with a repeated key; `key` is the first that is repeated."""

    def __init__(self, decoded: dict[str, Any], key: str) -> None:
        """Keep what was decoded, and the key."""
        super().__init__(decoded)
        self.key = key

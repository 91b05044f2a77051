"""Shared Key: checks that a request was signed with the account's key. No I/O, no clock."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_plus

_SIGNED_HEADERS = (
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
)
_ALLOWED_SKEW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The one account served, and the key that signs for it."""

    name: str
    key: str = field(repr=False)

    def sign(self, text: str) -> str:
        """Sign a string as Shared Key does."""
        key = base64.b64decode(self.key)
        digest = hmac.new(key, text.encode("utf-8", "surrogateescape"), hashlib.sha256).digest()
        return base64.b64encode(digest).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """The signed parts of a request: method, raw target, lower-case headers."""

    method: str
    raw_path: str
    raw_query: str
    headers: Mapping[str, str]


def is_authentic(request: SignedRequest, account: Account, now: datetime) -> bool:
    """Say whether the request has a recent and correct signature of the account."""
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    name, _, signature = credential.partition(":")
    if scheme != "SharedKey" or name != account.name or not _is_fresh(request.headers, now):
        return False
    expected = account.sign(_string_to_sign(request, account))
    return hmac.compare_digest(expected.encode(), signature.encode())


def _is_fresh(headers: Mapping[str, str], now: datetime) -> bool:
    try:
        signed_at = parsedate_to_datetime(headers.get("x-ms-date") or headers.get("date", ""))
    except ValueError:
        return False
    return abs(now - signed_at.replace(tzinfo=UTC)) <= _ALLOWED_SKEW


def _string_to_sign(request: SignedRequest, account: Account) -> str:
    return "".join(
        (
            f"{request.method}\n",
            _standard_headers(request.headers),
            _service_headers(request.headers),
            f"/{account.name}{request.raw_path}",
            _query(request.raw_query),
        )
    )


def _standard_headers(headers: Mapping[str, str]) -> str:
    values = [headers.get(name, "") for name in _SIGNED_HEADERS]
    values[2] = "" if values[2] == "0" else values[2]  # for an empty body no length is signed
    return "\n".join(values) + "\n"


def _service_headers(headers: Mapping[str, str]) -> str:
    names = sorted((name for name in headers if name.startswith("x-ms-")), key=_collation_key)
    return "".join(f"{name}:{headers[name]}\n" for name in names)


def _collation_key(name: str) -> tuple[str, str]:
    # The service sorts by its locale: hyphens count last and "_" comes before digits.
    return name.replace("-", "").replace("_", "\x01"), name


def _query(raw_query: str) -> str:
    # The SDK signs a space as a space, but the aio transport sends it as "+".
    pairs = (part.partition("=") for part in raw_query.split("&") if part)
    lines = ((name.lower(), unquote_plus(value)) for name, _, value in pairs)
    return "".join(f"\n{name}:{value}" for name, value in sorted(lines))

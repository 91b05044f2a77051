"""Checks shared access signatures like the service: signature, expiry, key name, audience."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from local.hub.address import path_of

_PREFIX = "SharedAccessSignature "


@dataclass(frozen=True, slots=True)
class AccessKey:
    """The namespace's shared access key."""

    name: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Grant:
    """A token's rights: everything below a path, until the token expires."""

    path: str
    expires_at: int

    def covers(self, path: str, now: float) -> bool:
        """Say whether the grant still covers a path."""
        return now < self.expires_at and _is_below(path, self.path)


class TokenError(Exception):
    """The token is invalid; the message says why."""


def check_token(token: str, audience: str, key: AccessKey, now: float) -> Grant:
    """Check a token for an audience and return its grant, or raise TokenError."""
    fields = _parse(token)
    resource, expiry = fields["sr"], fields["se"]
    if fields["skn"] != key.name:
        message = f"there is no access policy '{fields['skn']}'"
        raise TokenError(message)
    if not hmac.compare_digest(_signature(resource, expiry, key), _decoded(fields["sig"])):
        message = "the token has an invalid signature"
        raise TokenError(message)
    if not expiry.isdecimal() or int(expiry) <= now:
        message = "the token has expired"
        raise TokenError(message)
    signed, wanted = path_of(unquote_plus(resource)), path_of(audience)
    if not _is_below(wanted, signed):
        message = f"the token is for '{signed}', not for '{wanted}'"
        raise TokenError(message)
    return Grant(wanted, int(expiry))


def _parse(token: str) -> Mapping[str, str]:
    if not token.startswith(_PREFIX):
        message = "the token is no SharedAccessSignature"
        raise TokenError(message)
    pairs = (part.partition("=") for part in token.removeprefix(_PREFIX).split("&"))
    fields = {name: value for name, _, value in pairs}
    if missing := {"sr", "sig", "se", "skn"} - fields.keys():
        message = f"the token lacks {', '.join(sorted(missing))}"
        raise TokenError(message)
    # The signature covers the resource in its escaped form, so only the key name is unescaped.
    return {**fields, "skn": unquote_plus(fields["skn"])}


def _signature(resource: str, expiry: str, key: AccessKey) -> bytes:
    signed = f"{resource}\n{expiry}".encode()
    return hmac.new(key.key.encode(), signed, hashlib.sha256).digest()


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode(unquote_plus(signature).replace(" ", "+"), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _is_below(path: str, above: str) -> bool:
    path, above = path.casefold(), above.casefold()
    return not above or path == above or path.startswith(above + "/")

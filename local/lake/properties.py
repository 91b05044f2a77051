"""Metadata and content headers of a path: read from requests, written to responses and disk."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from local.lake import errors
from local.lake.errors import LakeError

_CONTENT_HEADERS = (
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-md5",
    "content-type",
)
_DEFAULT_CONTENT_TYPE = "application/octet-stream"
_METADATA_PREFIX = "x-ms-meta-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Properties:
    """The metadata and content headers that a client set on a path."""

    content: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to store."""
        return not self.content and not self.metadata

    def with_content(self, content: Mapping[str, str]) -> "Properties":
        """Replace the given content headers, and keep the rest."""
        return replace(self, content={**self.content, **content})


def parse_create(headers: Mapping[str, str]) -> Properties:
    """Read the properties in a dfs create: x-ms-properties and x-ms-content-*."""
    return Properties(content=parse_content(headers), metadata=parse_metadata(headers))


def parse_content(headers: Mapping[str, str], prefix: str = "x-ms-") -> dict[str, str]:
    """Read the content headers; the dfs and the blob endpoint use different prefixes."""
    found = {name: headers.get(f"{prefix}{name}", "") for name in _CONTENT_HEADERS}
    return {name: value for name, value in found.items() if value}


def parse_metadata(headers: Mapping[str, str]) -> dict[str, str]:
    """Read x-ms-properties: `name=base64,name=base64`."""
    pairs = [pair for pair in headers.get("x-ms-properties", "").split(",") if pair.strip()]
    return dict(_parse_pair(pair) for pair in pairs)


def _parse_pair(pair: str) -> tuple[str, str]:
    name, _, encoded = pair.strip().partition("=")
    try:
        value = base64.b64decode(encoded, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise LakeError(errors.invalid_header("x-ms-properties")) from error
    if not value.isprintable():  # we could not return it as an x-ms-meta header
        raise LakeError(errors.invalid_header("x-ms-properties"))
    return name, value


def parse_blob_metadata(headers: Mapping[str, str]) -> dict[str, str]:
    """Read x-ms-meta-*, with the names as the client wrote them."""
    start = len(_METADATA_PREFIX)
    pairs = headers.items()
    return {name[start:]: value for name, value in pairs if _is_metadata(name)}


def _is_metadata(name: str) -> bool:
    return name.lower().startswith(_METADATA_PREFIX)


def content_headers(properties: Properties) -> dict[str, str]:
    """Write the content headers of a response."""
    return {"content-type": _DEFAULT_CONTENT_TYPE, **properties.content}


def metadata_headers(metadata: Mapping[str, str]) -> dict[str, str]:
    """Write the metadata as the blob endpoint (x-ms-meta-*) and the dfs endpoint do."""
    encoded = (f"{name}={base64.b64encode(v.encode()).decode()}" for name, v in metadata.items())
    plain = {f"{_METADATA_PREFIX}{name}": value for name, value in metadata.items()}
    return {**plain, "x-ms-properties": ",".join(encoded)}

"""One request, read once: its operation, its path, and its endpoint."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus

from aiohttp import web

from local.lake import errors
from local.lake.errors import LakeError
from local.lake.paths import LakePath, parse_path
from local.lake.signature import SignedRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request as the handlers see it."""

    request: web.BaseRequest
    path: LakePath
    query: Mapping[str, str]
    headers: Mapping[str, str]
    operation: str

    def flag(self, name: str) -> bool:
        """Read a boolean query parameter; a missing one is false."""
        value = self.query.get(name, "false").lower()
        if value not in ("true", "false"):
            raise LakeError(errors.invalid_query(name))
        return value == "true"

    def number(self, name: str, default: int | None = None) -> int:
        """Read a non-negative number from the query."""
        value = self.query.get(name, "" if default is None else str(default))
        if not (value.isascii() and value.isdigit()):
            raise LakeError(errors.invalid_query(name))
        return int(value)


def lower_headers(request: web.BaseRequest) -> dict[str, str]:
    """Return the headers with their names in lower case."""
    return {name.lower(): value for name, value in request.headers.items()}


def is_blob_request(request: web.BaseRequest) -> bool:
    """Say whether the SDK's blob client sent the request: both endpoints share one host here."""
    return "application/xml" in request.headers.get("Accept", "")


def signed_part(request: web.BaseRequest) -> SignedRequest:
    """Return the signed parts of a request, with the target exactly as received."""
    raw_path, _, raw_query = request.raw_path.partition("?")
    return SignedRequest(
        method=request.method,
        raw_path=raw_path,
        raw_query=raw_query,
        headers=lower_headers(request),
    )


def read_call(request: web.BaseRequest, account: str) -> Call:
    """Read the request; paths start with the account's name, as in other emulators."""
    signed = signed_part(request)
    start, _, below = signed.raw_path.lstrip("/").partition("/")
    if start != account:
        raise LakeError(errors.INVALID_URI)
    path, query = parse_path(below), _read_query(signed.raw_query)
    operation = _classify(request.method, path, query, signed.headers)
    return Call(
        request=request, path=path, query=query, headers=signed.headers, operation=operation
    )


def _read_query(raw: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in raw.split("&") if part)
    return {name: unquote_plus(value) for name, _, value in pairs}


_ACCOUNT = {("GET", "list"): "list_filesystems"}
_FILESYSTEM = {
    ("PUT", ""): "create_filesystem",
    ("GET", ""): "get_filesystem_properties",
    ("HEAD", ""): "get_filesystem_properties",
    ("DELETE", ""): "delete_filesystem",
    ("PUT", "metadata"): "set_filesystem_metadata",
}
_PATH = {
    ("GET", ""): "read",
    ("HEAD", ""): "get_properties",
    ("HEAD", "getStatus"): "get_properties",
    ("DELETE", ""): "delete",
    ("PATCH", "append"): "append",
    ("PATCH", "flush"): "flush",
    ("PUT", "metadata"): "set_metadata",
    ("PUT", "properties"): "set_content_headers",
}
_UNSUPPORTED_HEADERS = (
    "x-ms-acl",
    "x-ms-content-crc64",
    "x-ms-encryption-context",
    "x-ms-encryption-key",
    "x-ms-expiry-option",
    "x-ms-group",
    "x-ms-lease-action",
    "x-ms-lease-id",
    "x-ms-owner",
    "x-ms-permissions",
    "x-ms-proposed-lease-id",
    "x-ms-source-lease-id",
    "x-ms-structured-body",
    "x-ms-umask",
)


def _classify(
    method: str, path: LakePath, query: Mapping[str, str], headers: Mapping[str, str]
) -> str:
    refused = [name for name in _UNSUPPORTED_HEADERS if headers.get(name)]
    if refused:
        raise LakeError(errors.not_implemented(f"the header {refused[0]}"))
    operation = _find_operation(method, path, query, headers)
    if operation is None:
        asked = " ".join(f"{name}={value}" for name, value in sorted(query.items()))
        raise LakeError(errors.not_implemented(f"{method} {asked}".strip()))
    return operation


def _find_operation(
    method: str, path: LakePath, query: Mapping[str, str], headers: Mapping[str, str]
) -> str | None:
    verb = query.get("comp") or query.get("action") or ""
    if not path.filesystem:
        return _ACCOUNT.get((method, verb))
    if not path.segments:
        return _find_filesystem_operation(method, verb, query)
    if method == "PUT" and not verb:
        return _find_create(query, headers)
    return _PATH.get((method, verb))


def _find_filesystem_operation(method: str, verb: str, query: Mapping[str, str]) -> str | None:
    if query.get("resource") == "filesystem":
        return "list_paths" if method == "GET" else _FILESYSTEM.get((method, verb))
    if query.get("restype") == "container":
        return _FILESYSTEM.get((method, verb))
    # Neither parameter: the filesystem's root directory, which a client can only describe.
    return "get_properties" if method == "HEAD" else None


def _find_create(query: Mapping[str, str], headers: Mapping[str, str]) -> str | None:
    if "x-ms-rename-source" in headers:
        # Without a mode the service uses "posix", which moves into an existing directory.
        return "rename" if query.get("mode") == "legacy" else None
    creations = {"file": "create_file", "directory": "create_directory"}
    return creations.get(query.get("resource", ""))

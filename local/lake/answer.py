"""Responses: the service's headers, and its XML and JSON bodies."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from aiohttp import web

from local.lake.entry import Entry
from local.lake.filesystems import NamedFilesystem
from local.lake.listing import Page
from local.lake.properties import content_headers, metadata_headers

_FILETIME_EPOCH = 116444736000000000  # 1970 in the service's 100 ns since 1601


def version_headers(entry: Entry) -> dict[str, str]:
    """Write the ETag and the time of the last change."""
    return {"ETag": f'"{entry.etag}"', "Last-Modified": _http_time(entry)}


def empty(status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    """Answer without a body."""
    return web.Response(status=status, headers={"Content-Length": "0", **(headers or {})})


def changed(status: int, entry: Entry) -> web.Response:
    """Answer a change with the path's new version."""
    return empty(status, {**version_headers(entry), "x-ms-request-server-encrypted": "true"})


def entry_headers(entry: Entry) -> dict[str, str]:
    """Write all properties of a path, for both endpoints."""
    metadata = dict(entry.properties.metadata)
    if entry.is_directory:
        metadata["hdi_isfolder"] = "true"  # as the blob endpoint marks directories
    return {
        **version_headers(entry),
        **content_headers(entry.properties),
        **metadata_headers(metadata),
        "Accept-Ranges": "bytes",
        "x-ms-resource-type": "directory" if entry.is_directory else "file",
        "x-ms-blob-type": "BlockBlob",
        "x-ms-creation-time": _http_time(entry),
        "x-ms-lease-state": "available",
        "x-ms-lease-status": "unlocked",
        "x-ms-server-encrypted": "true",
        "x-ms-owner": "$superuser",
        "x-ms-group": "$superuser",
        "x-ms-permissions": _permissions(entry),
    }


def filesystem_headers(entry: Entry) -> dict[str, str]:
    """Write all properties of a filesystem."""
    return {
        **version_headers(entry),
        **metadata_headers(entry.properties.metadata),
        "x-ms-lease-state": "available",
        "x-ms-lease-status": "unlocked",
        "x-ms-has-immutability-policy": "false",
        "x-ms-has-legal-hold": "false",
        "x-ms-namespace-enabled": "true",
        "x-ms-default-encryption-scope": "$account-encryption-key",
        "x-ms-deny-encryption-scope-override": "false",
    }


def path_page(page: Page) -> web.Response:
    """Answer a listing of paths, in JSON."""
    lines = [_listed(listed.path.name, listed.entry) for listed in page.paths]
    headers = {"x-ms-continuation": page.continuation} if page.continuation else {}
    body = json.dumps({"paths": lines}).encode()
    return web.Response(body=body, content_type="application/json", headers=headers)


def _listed(name: str, entry: Entry) -> dict[str, str]:
    line = {
        "name": name,
        "contentLength": str(entry.size),
        "etag": entry.etag,
        "lastModified": _http_time(entry),
        "creationTime": str(_FILETIME_EPOCH + entry.modified_ns // 100),
        "owner": "$superuser",
        "group": "$superuser",
        "permissions": _permissions(entry),
    }
    return {**line, "isDirectory": "true"} if entry.is_directory else line


def filesystem_page(found: Iterable[NamedFilesystem], endpoint: str, marker: str) -> web.Response:
    """Answer a listing of filesystems, in XML."""
    body = (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<EnumerationResults ServiceEndpoint="{escape(endpoint)}">'
        f"<Containers>{''.join(_container(one) for one in found)}</Containers>"
        f"<NextMarker>{escape(marker)}</NextMarker></EnumerationResults>"
    )
    return web.Response(body=body.encode(), content_type="application/xml")


def _container(found: NamedFilesystem) -> str:
    metadata = "".join(
        f"<{name}>{escape(value)}</{name}>"
        for name, value in found.entry.properties.metadata.items()
    )
    return (
        f"<Container><Name>{escape(found.name)}</Name><Properties>"
        f"<Last-Modified>{_http_time(found.entry)}</Last-Modified>"
        f'<Etag>"{found.entry.etag}"</Etag>'
        "<LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState>"
        "<HasImmutabilityPolicy>false</HasImmutabilityPolicy>"
        "<HasLegalHold>false</HasLegalHold></Properties>"
        f"<Metadata>{metadata}</Metadata></Container>"
    )


def _http_time(entry: Entry) -> str:
    moment = datetime.fromtimestamp(entry.modified_ns // 10**9, UTC)
    return format_datetime(moment, usegmt=True)


def _permissions(entry: Entry) -> str:
    return "rwxr-x---" if entry.is_directory else "rw-r-----"

"""Reading a file's bytes: the requested range, and the answer that streams it."""

import asyncio
import base64
import hashlib
import os
import re
from dataclasses import dataclass
from typing import BinaryIO

from aiohttp import web

from local.lake import errors
from local.lake.answer import entry_headers
from local.lake.call import Call
from local.lake.conditions import parse_conditions
from local.lake.entry import Entry, describe
from local.lake.errors import LakeError
from local.lake.store import Store

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_CHUNK_BYTES = 1024 * 1024
_LARGEST_HASHED_RANGE = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteRange:
    """The bytes to send; the end is not included."""

    start: int
    end: int


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """Read a range header; None if it is missing or the service would ignore it."""
    match = _RANGE.fullmatch(header or "")
    if match is None:
        return None
    start = int(match[1])
    end = int(match[2]) + 1 if match[2] else size
    if start >= size or end <= start:
        raise LakeError(errors.INVALID_RANGE)
    return ByteRange(start=start, end=min(end, size))


async def answer_read(store: Store, call: Call) -> web.StreamResponse:
    """Answer a read with the version that existed when the read started."""
    file, entry = await asyncio.to_thread(_open, store, call)
    try:
        parse_conditions(call.headers).check_read(entry.version)
        return await _send(call, file, entry)
    finally:
        file.close()


def _open(store: Store, call: Call) -> tuple[BinaryIO, Entry]:
    store.find_file(call.path)
    file = store.place(call.path).open("rb")
    entry = describe(store.folders, call.path, os.fstat(file.fileno()))
    if entry is None:
        file.close()
        raise LakeError(errors.PATH_NOT_FOUND)
    return file, entry


async def _send(call: Call, file: BinaryIO, entry: Entry) -> web.StreamResponse:
    asked = parse_range(call.headers.get("x-ms-range") or call.headers.get("range"), entry.size)
    part = asked or ByteRange(start=0, end=entry.size)
    response = web.StreamResponse(status=206 if asked else 200, headers=entry_headers(entry))
    response.content_length = part.end - part.start
    if asked:
        response.headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{entry.size}"
        await asyncio.to_thread(_describe_hash, call, file, part, response)
    await response.prepare(call.request)
    await asyncio.to_thread(file.seek, part.start)
    await _stream(file, part.end - part.start, response)
    await response.write_eof()
    return response


def _describe_hash(
    call: Call, file: BinaryIO, part: ByteRange, response: web.StreamResponse
) -> None:
    if "content-md5" in response.headers:
        # The stored hash covers the whole file, so a range answer puts it in another header.
        response.headers["x-ms-blob-content-md5"] = response.headers.pop("content-md5")
    if call.headers.get("x-ms-range-get-content-md5", "").lower() != "true":
        return
    if part.end - part.start > _LARGEST_HASHED_RANGE:
        raise LakeError(errors.invalid_header("x-ms-range-get-content-md5"))
    file.seek(part.start)
    digest = hashlib.md5(file.read(part.end - part.start)).digest()
    response.headers["Content-MD5"] = base64.b64encode(digest).decode()


async def _stream(file: BinaryIO, left: int, response: web.StreamResponse) -> None:
    while left > 0:
        chunk = await asyncio.to_thread(file.read, min(left, _CHUNK_BYTES))
        if not chunk:  # someone else truncated the file; the client sees a broken answer
            raise ConnectionResetError
        left -= len(chunk)
        await response.write(chunk)

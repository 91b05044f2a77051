"""The operations: each reads its call, makes one change or one query, and answers."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from local.lake import answer, errors, filesystems, listing, tree
from local.lake.call import Call
from local.lake.conditions import parse_conditions
from local.lake.errors import LakeError
from local.lake.locks import PathLocks
from local.lake.paths import LakePath, parse_path, parse_segments
from local.lake.properties import (
    Properties,
    parse_blob_metadata,
    parse_content,
    parse_create,
)
from local.lake.reading import answer_read
from local.lake.receiving import Received, receive
from local.lake.store import Flush, Store

Handler = Callable[[Call], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handlers:
    """The operations on paths and filesystems; each method has its operation's name."""

    store: Store
    locks: PathLocks

    def find(self, operation: str) -> Handler:
        """Find the method for an operation."""
        handler: Handler = getattr(self, operation)
        return handler

    async def create_file(self, call: Call) -> web.Response:
        """Create an empty file."""
        conditions, properties = parse_conditions(call.headers), parse_create(call.headers)
        async with self.locks.holding(call.path):
            entry = await asyncio.to_thread(
                self.store.create_file, call.path, properties, conditions
            )
        return answer.changed(201, entry)

    async def create_directory(self, call: Call) -> web.Response:
        """Create a directory."""
        conditions, properties = parse_conditions(call.headers), parse_create(call.headers)
        async with self.locks.holding(call.path):
            entry = await asyncio.to_thread(
                tree.create_directory, self.store, call.path, properties, conditions
            )
        return answer.changed(201, entry)

    async def rename(self, call: Call) -> web.Response:
        """Rename a file or directory."""
        source = parse_path(call.headers["x-ms-rename-source"].partition("?")[0])
        rename = tree.Rename(
            source=source,
            target=call.path,
            source_conditions=parse_conditions(call.headers, prefix="x-ms-source-"),
            target_conditions=parse_conditions(call.headers),
        )
        async with self.locks.holding(source, call.path):
            entry = await asyncio.to_thread(tree.rename_path, self.store, rename)
        return answer.changed(201, entry)

    async def append(self, call: Call) -> web.Response:
        """Stage data, and flush it at once if the client asks for it."""
        position = call.number("position")
        await asyncio.to_thread(self.store.find_file, call.path)
        received = await receive(self.store, call)
        async with self.locks.holding(call.path):
            return await asyncio.to_thread(self._append, call, position, received)

    def _append(self, call: Call, position: int, received: Received) -> web.Response:
        try:
            self.store.append(call.path, position, received.draft)
        finally:
            received.draft.unlink(missing_ok=True)  # still here only if it was not staged
        if not call.flag("flush"):
            return answer.empty(202, {"x-ms-request-server-encrypted": "true"})
        flush = Flush(position=position + received.length, retain=False, content={})
        entry = self.store.flush(call.path, flush, parse_conditions(call.headers))
        return answer.changed(202, entry)

    async def flush(self, call: Call) -> web.Response:
        """Commit staged data."""
        flush = Flush(
            position=call.number("position"),
            retain=call.flag("retainUncommittedData"),
            content=parse_content(call.headers),
        )
        conditions = parse_conditions(call.headers)
        async with self.locks.holding(call.path):
            entry = await asyncio.to_thread(self.store.flush, call.path, flush, conditions)
        return answer.changed(200, entry)

    async def read(self, call: Call) -> web.StreamResponse:
        """Send a file's bytes."""
        return await answer_read(self.store, call)

    async def get_properties(self, call: Call) -> web.Response:
        """Describe a path."""
        entry = await asyncio.to_thread(self.store.find, call.path)
        parse_conditions(call.headers).check_read(entry.version)
        headers = {**answer.entry_headers(entry), "Content-Length": str(entry.size)}
        return web.Response(headers=headers)

    async def set_metadata(self, call: Call) -> web.Response:
        """Replace a path's metadata."""
        metadata = parse_blob_metadata(dict(call.request.headers))
        return await self._revise(
            call, lambda now: Properties(content=now.content, metadata=metadata)
        )

    async def set_content_headers(self, call: Call) -> web.Response:
        """Replace a path's content headers; a missing one is cleared."""
        content = parse_content(call.headers, prefix="x-ms-blob-")
        return await self._revise(
            call, lambda now: Properties(content=content, metadata=now.metadata)
        )

    async def _revise(self, call: Call, revise: Callable[[Properties], Properties]) -> web.Response:
        conditions = parse_conditions(call.headers)
        async with self.locks.holding(call.path):
            before = await asyncio.to_thread(self.store.find, call.path)
            entry = await asyncio.to_thread(
                self.store.set_properties, call.path, revise(before.properties), conditions
            )
        return answer.changed(200, entry)

    async def delete(self, call: Call) -> web.Response:
        """Delete a file or directory."""
        conditions, recursive = parse_conditions(call.headers), call.flag("recursive")
        async with self.locks.holding(call.path):
            await asyncio.to_thread(
                tree.delete_path, self.store, call.path, conditions, recursive=recursive
            )
        return answer.empty(200)

    async def list_paths(self, call: Call) -> web.Response:
        """List the paths below a directory."""
        request = list_request(call)
        page = await asyncio.to_thread(listing.list_page, self.store, request)
        return answer.path_page(page)

    async def create_filesystem(self, call: Call) -> web.Response:
        """Create a filesystem."""
        properties = Properties(metadata=parse_blob_metadata(dict(call.request.headers)))
        async with self.locks.holding(call.path):
            entry = await asyncio.to_thread(
                filesystems.create_filesystem, self.store, call.path.filesystem, properties
            )
        return answer.changed(201, entry)

    async def get_filesystem_properties(self, call: Call) -> web.Response:
        """Describe a filesystem."""
        name = call.path.filesystem
        entry = await asyncio.to_thread(filesystems.find_filesystem, self.store, name)
        return answer.empty(200, answer.filesystem_headers(entry))

    async def set_filesystem_metadata(self, call: Call) -> web.Response:
        """Replace a filesystem's metadata."""
        properties = Properties(metadata=parse_blob_metadata(dict(call.request.headers)))
        conditions = parse_conditions(call.headers)
        async with self.locks.holding(call.path):
            entry = await asyncio.to_thread(
                self.store.set_properties, call.path, properties, conditions
            )
        return answer.changed(200, entry)

    async def delete_filesystem(self, call: Call) -> web.Response:
        """Delete a filesystem."""
        conditions = parse_conditions(call.headers)
        async with self.locks.holding(call.path):
            await asyncio.to_thread(
                filesystems.delete_filesystem, self.store, call.path.filesystem, conditions
            )
        return answer.empty(202)

    async def list_filesystems(self, call: Call) -> web.Response:
        """List the account's filesystems."""
        prefix, marker = call.query.get("prefix", ""), call.query.get("marker", "")
        found = await asyncio.to_thread(filesystems.list_filesystems, self.store, prefix)
        rest = [one for one in found if one.name >= marker]
        size = call.number("maxresults", 5000)
        following = rest[size].name if len(rest) > size else ""
        return answer.filesystem_page(rest[:size], str(call.request.url.origin()), following)


def list_request(call: Call) -> listing.ListRequest:
    """Read the parameters of a listing."""
    if "beginFrom" in call.query:
        raise LakeError(errors.not_implemented("beginFrom"))
    directory = LakePath(
        filesystem=call.path.filesystem,
        segments=parse_segments(call.query.get("directory", "")),
    )
    return listing.ListRequest(
        directory=directory,
        recursive=call.flag("recursive"),
        page_size=max(call.number("maxResults", 5000), 1),
        continuation=call.query.get("continuation", ""),
    )

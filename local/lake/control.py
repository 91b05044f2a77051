"""The control endpoint: health, and setting and clearing faults, in JSON.

A fault is `{"kind": ..., "method"?, "operation"?, "path"?, "count"?, "seconds"?, "close"?}`:

- `unavailable`: 503 ServerBusy, and nothing is done;
- `timeout`: nothing is done; after `seconds` 500 OperationTimedOut, or with `close` a hang-up;
- `reply_lost`: a write is done, then it hangs up without a reply;
- `delay`: waits for `seconds`, then answers as it should;
- `stale_listing`: path listings show what was there when the fault was set.

`path` is a regular expression, matched from the start of `/<filesystem>/<path>` (for a rename its
target, for a listing its directory), so a plain text is a prefix. `operation` is a method's name
of `handlers.Handlers` (`create_file`, `append`, `flush`, `rename`, `delete`, `read`, ...). A fault
fires for the next `count` requests that match, one if not given. Faults count a request once it is
authenticated; the oldest that matches fires.
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from local.lake.faults import Fault, FaultError, Faults, parse_fault
from local.lake.filesystems import list_filesystems
from local.lake.listing import Snapshot
from local.lake.store import Store


class Control:
    """Answers the control port's requests."""

    def __init__(self, store: Store, faults: Faults, about: Mapping[str, Any]) -> None:
        """Control the faults of the gateway over this store."""
        self._store = store
        self._faults = faults
        self._about = about

    def app(self) -> web.Application:
        """Build the application."""
        app = web.Application()
        app.router.add_get("/health", self.health)
        app.router.add_get("/faults", self.list_faults)
        app.router.add_post("/faults", self.set_fault)
        app.router.add_delete("/faults", self.clear_faults)
        return app

    async def health(self, _: web.Request) -> web.Response:
        """Say that the gateway is up, and what it serves."""
        found = await asyncio.to_thread(list_filesystems, self._store, "")
        names = [one.name for one in found]
        return web.json_response({"status": "ok", **self._about, "filesystems": names})

    async def list_faults(self, _: web.Request) -> web.Response:
        """List the faults, and how often each has fired."""
        return web.json_response({"faults": [one.describe() for one in self._faults.list()]})

    async def set_fault(self, request: web.Request) -> web.Response:
        """Set a fault."""
        try:
            fault = parse_fault(json.loads(await request.read()))
        except (FaultError, UnicodeDecodeError, json.JSONDecodeError) as error:
            return web.json_response({"error": str(error)}, status=400)
        added = self._faults.add(fault, await asyncio.to_thread(self._snapshot, fault))
        return web.json_response(added.describe(), status=201)

    async def clear_faults(self, _: web.Request) -> web.Response:
        """Remove all faults."""
        self._faults.clear()
        return web.json_response({"faults": []})

    def _snapshot(self, fault: Fault) -> Snapshot | None:
        if fault.kind != "stale_listing":
            return None
        names = [one.name for one in list_filesystems(self._store, "")]
        return Snapshot(self._store, names)

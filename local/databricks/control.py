"""The control endpoint: health, and setting and clearing faults, in JSON.

A fault is `{"kind": ..., "operation"?, "count"?, "seconds"?, "message"?}`. Of calls:

- `too-many-requests`: 429 RESOURCE_EXHAUSTED with Retry-After, and nothing is done;
- `unavailable`: 503 TEMPORARILY_UNAVAILABLE with Retry-After, and nothing is done;
- `reply_lost`: what a POST asks for is done, then it hangs up without a reply;
- `delay`: waits for `seconds`, then answers as it should.

`operation` is the end of a call's path (`jobs/runs/submit`, `runs/get`); any call if not given.
`seconds` is what Retry-After says, in whole seconds, 1 if not given. Of runs:

- `slow_run`: the next attempt is RUNNING for `seconds` before its script starts;
- `failing_run`: the next attempt fails, with `message` as its error, instead of running its script.

A fault fires for the next `count` requests or attempts that match, one if not given. Faults count a
request once it is authenticated and known; the oldest that matches fires.
"""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from local.databricks.drivers import Drivers
from local.databricks.faults import FaultError, Faults, parse_fault


class Control:
    """Answers the control port's requests."""

    def __init__(self, faults: Faults, drivers: Drivers, about: Mapping[str, Any]) -> None:
        """Control the faults of a runner."""
        self._faults = faults
        self._drivers = drivers
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
        """Say that the runner is up, and how far the spare driver is."""
        spare = self._drivers.spare_state
        return web.json_response({"status": "ok", **self._about, "spare": spare})

    async def list_faults(self, _: web.Request) -> web.Response:
        """List the faults, and how often each has fired."""
        return web.json_response({"faults": [one.describe() for one in self._faults.list()]})

    async def set_fault(self, request: web.Request) -> web.Response:
        """Set a fault."""
        try:
            fault = parse_fault(json.loads(await request.read()))
        except (FaultError, UnicodeDecodeError, json.JSONDecodeError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(self._faults.add(fault).describe(), status=201)

    async def clear_faults(self, _: web.Request) -> web.Response:
        """Remove all faults."""
        self._faults.clear()
        return web.json_response({"faults": []})

"""The control endpoint of an emulator: health, and setting and clearing faults, in JSON.

- `GET /health`: `{"status": "ok"}`, and what the emulator adds about itself.
- `GET /faults`: every fault since the last `DELETE`, and how often each has fired.
- `POST /faults`: sets the fault in the body; answers 201 with that fault.
- `DELETE /faults`: removes all faults.

A refused request gets `{"error": "..."}`.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic

from aiohttp import web

from local.kit.faults import F, Faults

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def nothing_more() -> Mapping[str, Any]:
    """Add nothing to the health answer."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Control(Generic[F]):
    """Answers the control port's requests.

    `parse` turns a request's body into a fault. It runs in a thread because it may read the disk,
    and raises ValueError if the body is invalid. `about` returns what health adds.
    """

    faults: Faults[F]
    parse: Callable[[Mapping[str, Any]], F]
    about: Callable[[], Awaitable[Mapping[str, Any]]] = nothing_more

    def app(self) -> web.Application:
        """Build the application."""
        app = web.Application(middlewares=[_errors_as_json])
        app.router.add_get("/health", self._health)
        app.router.add_get("/faults", self._list_faults)
        app.router.add_post("/faults", self._set_fault)
        app.router.add_delete("/faults", self._clear_faults)
        return app

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok", **await self.about()})

    async def _list_faults(self, _: web.Request) -> web.Response:
        return web.json_response({"faults": self.faults.describe()})

    async def _set_fault(self, request: web.Request) -> web.Response:
        fault = await asyncio.to_thread(self.parse, await read_object(request))
        return web.json_response(self.faults.add(fault).describe(), status=201)

    async def _clear_faults(self, _: web.Request) -> web.Response:
        self.faults.clear()
        return web.json_response({"faults": []})


async def read_object(request: web.Request) -> dict[str, Any]:
    """Read a JSON object, empty if the body is empty; raise ValueError for anything else."""
    try:
        body = json.loads(await request.read() or b"{}")
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        message = f"the body is not JSON: {error}"
        raise ValueError(message) from error
    if not isinstance(body, dict):
        message = "the body is not a JSON object"
        raise ValueError(message)
    return body


def refusal(status: int, message: str) -> web.Response:
    """Refuse a request, and say why."""
    return web.json_response({"error": message}, status=status)


@web.middleware
async def _errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except ValueError as error:
        return refusal(400, str(error))
    except web.HTTPException as error:
        return refusal(error.status, f"{request.method} {request.path}: {error.reason}")

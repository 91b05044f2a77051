"""The HTTP side: the functions' routes and the host's admin API."""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from local.host.definitions import HTTP, FunctionDefinition
from local.host.executor import Executor
from local.host.http_payload import HttpAnswer, HttpQuestion, decode_response, encode_request
from local.host.routes import Route, compile_route
from local.kit.serving import listen

_LOG = logging.getLogger("Host.Http")
VERSION = "4.1000.0-local"
# Azure's limit for a request body.
_MAXIMUM_BODY = 210 * 1024 * 1024

RunTimer = Callable[[str], Awaitable[bool]]


def make_route(function: FunctionDefinition, prefix: str) -> Route:
    """Return the route of an HTTP function; by default it is the function's name."""
    return compile_route(
        function_name=function.name,
        prefix=prefix,
        template=function.trigger.get("route") or function.name,
        methods=frozenset(str(m).upper() for m in function.trigger.get("methods") or ()),
    )


class HttpServer:
    """Serves HTTP functions, `/admin/host/status` and `/admin/functions`."""

    def __init__(
        self,
        functions: Mapping[str, FunctionDefinition],
        *,
        executor: Executor,
        route_prefix: str,
        host_id: str,
        run_timer: RunTimer,
    ) -> None:
        """Serve these functions; `run_timer` starts a timer by hand, or reports that it is none."""
        self._functions = functions
        self._executor = executor
        self._host_id = host_id
        self._run_timer = run_timer
        self._started = time.monotonic()
        self._runner: web.AppRunner | None = None
        self.is_running = False
        routes = [
            make_route(function, route_prefix)
            for function in functions.values()
            if function.trigger_type == HTTP
        ]
        self._routes = sorted(routes, key=lambda route: route.literal_count, reverse=True)

    async def start(self, port: int) -> None:
        """Listen on the loopback."""
        app = web.Application(client_max_size=_MAXIMUM_BODY)
        app.router.add_get("/admin/host/status", self._get_status)
        app.router.add_get("/admin/functions", self._get_functions)
        app.router.add_post("/admin/functions/{name}", self._post_function)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = await listen(app, port)

    async def close_door(self) -> None:
        """Accept no more connections; requests in flight continue."""
        self.is_running = False
        for site in tuple(self._runner.sites) if self._runner else ():
            await site.stop()

    async def stop(self) -> None:
        """End the requests that are still in flight."""
        if self._runner:
            await self._runner.cleanup()

    async def _get_status(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {
                "id": self._host_id,
                "state": "Running" if self.is_running else "Initialized",
                "version": VERSION,
                "versionDetails": VERSION,
                "processUptime": round((time.monotonic() - self._started) * 1000),
            }
        )

    async def _get_functions(self, _request: web.Request) -> web.Response:
        return web.json_response([_describe(f) for f in self._functions.values()])

    async def _post_function(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self._functions:
            return web.Response(status=404)
        if not await self._run_timer(name):
            problem = f"'{name}' has no timer trigger: this local host runs only timers by hand"
            return web.json_response({"error": problem}, status=400)
        return web.Response(status=202)

    async def _serve(self, request: web.Request) -> web.Response:
        for route in self._routes:
            parameters = route.match(request.method, request.rel_url.raw_path)
            if parameters is not None:
                return await self._run(self._functions[route.function_name], request, parameters)
        return web.Response(status=404)

    async def _run(
        self, function: FunctionDefinition, request: web.Request, parameters: Mapping[str, str]
    ) -> web.Response:
        question = await _read_request(request, parameters)
        result = await self._executor.invoke(function, encode_request(question))
        if result.error is not None:
            return web.Response(status=500)
        if result.value is None:
            # Without an http output the host sends an empty answer.
            return web.Response(status=204)
        return _write_response(decode_response(result.value))


async def _read_request(request: web.Request, parameters: Mapping[str, str]) -> HttpQuestion:
    return HttpQuestion(
        method=request.method,
        url=str(request.url),
        headers={name: ",".join(request.headers.getall(name)) for name in request.headers},
        query={name: ",".join(request.query.getall(name)) for name in request.query},
        route_parameters=parameters,
        body=await request.read(),
    )


def _write_response(answer: HttpAnswer) -> web.Response:
    response = web.Response(status=answer.status, body=answer.body)
    # aiohttp sets its own content type; the function's headers replace it.
    response.headers.popall("Content-Type", None)
    for name, value in answer.headers:
        if name.casefold() != "content-length":
            response.headers.add(name, value)
    return response


def _describe(function: FunctionDefinition) -> dict[str, Any]:
    bindings = [function.trigger]
    return {"name": function.name, "isDisabled": False, "config": {"bindings": bindings}}

"""Starts the runner and its control endpoint on the loopback, and stops them on a signal."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from local.databricks.composition import Runner, compose
from local.databricks.faults import parse_fault
from local.kit.control import Control
from local.kit.serving import HOST, listening, owning, set_on_signal

_LOGGER = logging.getLogger(__name__)
_MOST_BODY_BYTES = 10 * 1024 * 1024  # the service's own limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to serve, and where."""

    port: int
    control_port: int
    data: Path
    token: str | None = None
    spare_seconds: float = 120.0

    @property
    def url(self) -> str:
        """The runner's address for clients."""
        return f"http://{HOST}:{self.port}"


async def serve(options: Options) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    set_on_signal(stop)
    with owning(options.data):
        runner = compose(
            data=options.data.resolve(),
            url=options.url,
            token=options.token,
            spare_seconds=options.spare_seconds,
        )
        async with aclosing(runner):
            await runner.worker.recover()
            async with (
                listening(_api(runner), options.port),
                listening(_control(runner, options), options.control_port),
            ):
                _LOGGER.info("serving on port %s, control %s", options.port, options.control_port)
                await stop.wait()


def _api(runner: Runner) -> web.Application:
    app = web.Application(client_max_size=_MOST_BODY_BYTES)
    app.router.add_route("*", "/{target:.*}", runner.gateway.answer)
    return app


def _control(runner: Runner, options: Options) -> web.Application:
    async def about() -> Mapping[str, Any]:
        return {"url": options.url, "spare": runner.drivers.spare_state}

    return Control(faults=runner.faults, parse=parse_fault, about=about).app()

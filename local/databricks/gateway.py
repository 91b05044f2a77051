"""The front door: authenticates, dispatches, and turns refusals into the service's answers."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from local.databricks import errors
from local.databricks.call import Call, read_call
from local.databricks.errors import JobsError, ServiceError
from local.databricks.faults import Fault
from local.databricks.run_page import RunPage
from local.kit.faults import Faults
from local.kit.serving import hang_up

_LOGGER = logging.getLogger(__name__)

Handler = Callable[[Call], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """Answers every request to the runner's port; without a token it accepts any token."""

    operations: Mapping[tuple[str, str], Handler]
    faults: Faults[Fault]
    page: RunPage
    token: str | None

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        path = request.rel_url.raw_path
        try:
            if request.method == "GET" and self.page.is_at(path):
                return self.page.answer(path)
            if path.startswith("/api/"):
                self._authenticate(request)
            return await self._answer(request)
        except JobsError as error:
            return _refuse(error.error)
        except ConnectionError:
            _LOGGER.info("client went away: %s %s", request.method, path)
            return hang_up(request)
        except Exception:
            _LOGGER.exception("failed: %s %s", request.method, path)
            return _refuse(errors.INTERNAL_ERROR)

    def _authenticate(self, request: web.BaseRequest) -> None:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if self.token is None:
            return
        if scheme != "Bearer" or not given:
            raise JobsError(errors.NO_CREDENTIAL)
        if not secrets.compare_digest(given.encode(), self.token.encode()):
            raise JobsError(errors.WRONG_TOKEN)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.rel_url.raw_path
        handler = self.operations.get((request.method, path))
        if handler is None:
            raise JobsError(errors.no_such_api(request.method, path))
        call = await read_call(request)
        fault = self.faults.take(lambda fault: fault.is_for_call(call.method, path))
        if fault:
            await _suffer(fault)
        answer = handler(call)
        is_lost = fault is not None and fault.kind == "reply_lost"
        return hang_up(request) if is_lost else web.json_response(answer)


async def _suffer(fault: Fault) -> None:
    """Apply the part of a fault that comes before the call."""
    match fault.kind:
        case "too-many-requests":
            raise JobsError(errors.throttled(fault.retry_after))
        case "unavailable":
            raise JobsError(errors.unavailable(fault.retry_after))
        case "delay":
            await asyncio.sleep(fault.seconds)


def _refuse(error: ServiceError) -> web.Response:
    return web.json_response(error.body(), status=error.status, headers=error.headers)

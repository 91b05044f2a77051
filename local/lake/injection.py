"""Answers a call as it should be, or with the fault that is set for it."""

import asyncio

from aiohttp import web

from local.lake import answer, errors
from local.lake.call import Call
from local.lake.errors import LakeError
from local.lake.faults import Faults, SetFault
from local.lake.handlers import Handlers, list_request


async def answer_with_faults(faults: Faults, handlers: Handlers, call: Call) -> web.StreamResponse:
    """Answer the call."""
    found = faults.take(call.request.method, call.operation, _subject(call))
    handler = handlers.find(call.operation)
    if found is None:
        return await handler(call)
    match found.fault.kind:
        case "unavailable":
            raise LakeError(errors.SERVER_BUSY)
        case "timeout":
            return await _time_out(found, call)
        case "delay":
            await asyncio.sleep(found.fault.seconds)
            return await handler(call)
        case "reply_lost":
            return await _lose_reply(handlers, call)
        case _:
            return _list_stale(found, call)


def _subject(call: Call) -> str:
    """Write what a fault's path is held against: for a listing, the directory listed."""
    directory = call.query.get("directory", "").strip("/")
    if call.operation == "list_paths" and directory:
        return f"{call.path}/{directory}"
    return str(call.path)


async def _time_out(found: SetFault, call: Call) -> web.StreamResponse:
    await asyncio.sleep(found.fault.seconds)
    if found.fault.close:
        return hang_up(call.request)
    raise LakeError(errors.OPERATION_TIMED_OUT)


async def _lose_reply(handlers: Handlers, call: Call) -> web.StreamResponse:
    try:
        await handlers.find(call.operation)(call)
    finally:
        response = hang_up(call.request)
    return response


def hang_up(request: web.BaseRequest) -> web.StreamResponse:
    """Cut the connection; the response that is returned goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return answer.empty(500)


def _list_stale(found: SetFault, call: Call) -> web.StreamResponse:
    assert found.snapshot is not None, "the control endpoint takes one with each stale_listing"
    return answer.path_page(found.snapshot.list_page(list_request(call)))

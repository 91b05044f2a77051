"""Answers a call normally, or with the fault that is set for it."""

import asyncio

from aiohttp import web

from local.kit.faults import Faults
from local.kit.serving import hang_up
from local.lake import answer, errors
from local.lake.call import Call
from local.lake.errors import LakeError
from local.lake.faults import Fault
from local.lake.handlers import Handlers, list_request


async def answer_with_faults(
    faults: Faults[Fault], handlers: Handlers, call: Call
) -> web.StreamResponse:
    """Answer the call."""
    method, subject = call.request.method, _subject(call)
    found = faults.take(lambda fault: fault.matches(method, call.operation, subject))
    handler = handlers.find(call.operation)
    if found is None:
        return await handler(call)
    match found.kind:
        case "unavailable":
            raise LakeError(errors.SERVER_BUSY)
        case "timeout":
            return await _time_out(found, call)
        case "delay":
            await asyncio.sleep(found.seconds)
            return await handler(call)
        case "reply_lost":
            return await _lose_reply(handlers, call)
        case _:
            return _list_stale(found, call)


def _subject(call: Call) -> str:
    """Return the path that faults match; for a listing, its directory."""
    directory = call.query.get("directory", "").strip("/")
    if call.operation == "list_paths" and directory:
        return f"{call.path}/{directory}"
    return str(call.path)


async def _time_out(found: Fault, call: Call) -> web.StreamResponse:
    await asyncio.sleep(found.seconds)
    if found.close:
        return hang_up(call.request)
    raise LakeError(errors.OPERATION_TIMED_OUT)


async def _lose_reply(handlers: Handlers, call: Call) -> web.StreamResponse:
    try:
        await handlers.find(call.operation)(call)
    finally:
        response = hang_up(call.request)
    return response


def _list_stale(found: Fault, call: Call) -> web.StreamResponse:
    assert found.snapshot is not None, "each stale_listing is set with one"
    return answer.path_page(found.snapshot.list_page(list_request(call)))

"""What goes over the socket between the host and its worker's process."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import azure.functions as func

from local.host.indexing import index_function
from local.host.worker import InvocationResult
from local.host.worker_messages import (
    BUFFER_BYTES,
    AppLoaded,
    AppNotLoaded,
    frame,
    open_streams,
    receive,
)


@contextlib.asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamWriter, asyncio.StreamReader]]:
    ours, theirs = socket.socketpair()
    _unread, writer = await open_streams(ours)
    reader, unwritten = await open_streams(theirs)
    yield writer, reader
    for end in (writer, unwritten):
        end.close()
        await end.wait_closed()


async def test_messages_come_whole_and_in_order_however_large_they_are() -> None:
    large = InvocationResult(
        invocation_id="1", duration_seconds=0.5, error="no", trace="x" * (3 * BUFFER_BYTES)
    )
    small = InvocationResult(invocation_id="2", duration_seconds=0.1)

    async with connected() as (writer, reader):
        writer.write(frame(large))
        writer.write(frame(small))

        assert [await receive(reader), await receive(reader)] == [large, small]


async def test_the_other_side_s_end_is_nothing_even_within_a_message() -> None:
    async with connected() as (writer, reader):
        writer.write(frame(AppNotLoaded(problem="a problem"))[:-1])
        writer.close()

        assert await receive(reader) is None


async def test_a_function_goes_over_as_it_is() -> None:
    app = func.FunctionApp()

    @app.timer_trigger(arg_name="timer", schedule="0 0 * * * *")
    def tick(timer: func.TimerRequest) -> None:
        """Code that no other process can have."""

    sent = AppLoaded(functions=tuple(map(index_function, app.get_functions())))

    async with connected() as (writer, reader):
        writer.write(frame(sent))

        assert await receive(reader) == sent

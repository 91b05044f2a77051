import asyncio
from collections.abc import Iterator
from typing import Any

from producer.sending import Pace, send_events
from producer.stream import OutgoingEvent
from producer.tally import SentTally


class SwallowingClient:
    """A hub's client that goes on when it is cancelled in the middle of a send."""

    def __init__(self) -> None:
        self.sending = asyncio.Event()
        self.sends = 0

    async def get_partition_ids(self) -> list[str]:
        return ["0"]

    async def create_batch(self, **_: Any) -> "Batch":
        return Batch()

    async def send_batch(self, *_: Any, **__: Any) -> None:
        self.sends += 1
        self.sending.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return


class Batch(list[Any]):
    def add(self, event: Any) -> None:
        self.append(event)


def events_without_end() -> Iterator[OutgoingEvent]:
    index = 0
    while True:
        yield OutgoingEvent(
            index=index,
            body=b"{}",
            content_type="application/json",
            contract="simple/1",
            partition_key=None,
        )
        index += 1


async def test_an_interruption_that_the_client_swallows_still_ends_the_run() -> None:
    client, tally = SwallowingClient(), SentTally()
    run = asyncio.create_task(send_events(client, events_without_end(), Pace(rate=100_000), tally))
    await client.sending.wait()

    run.cancel()
    await asyncio.wait([run], timeout=30)

    assert run.done()
    assert run.cancelled()
    assert client.sends == 1
    assert tally.sent + sum(part.count for part in tally.unsent) == tally.taken

"""Keeps events coming, whatever becomes of the hub, and keeps account of the acknowledgments."""

import asyncio
import logging
from collections.abc import Callable
from time import monotonic

from producer.connection import Target, open_client
from producer.errors import ProducerError
from producer.sending import Pace, send_events
from producer.tally import Tally
from tests.chaos.sent import EventSource

# Each shift asks anew which partitions there are.
SHIFT_SECONDS = 8
LOG = logging.getLogger("chaos.sending")


async def keep_sending(
    target: Target, source: EventSource, rate: float, goes_on: Callable[[], bool]
) -> None:
    """Send, shift by shift, until it is to end; an event that gets no answer is sent again."""
    while goes_on():
        ends_at = monotonic() + SHIFT_SECONDS

        def is_on(ends_at: float = ends_at) -> bool:
            return goes_on() and monotonic() < ends_at

        await _shift(target, source, Pace(rate=rate, patience_seconds=60), is_on)


async def _shift(
    target: Target, source: EventSource, pace: Pace, is_on: Callable[[], bool]
) -> None:
    tally = Tally()
    try:
        async with open_client(target) as client:
            await send_events(client, source.events(is_on), pace, tally)
    except ProducerError as error:
        LOG.warning("a shift ended early: %s", error)
        await asyncio.sleep(0.5)
    finally:
        source.sent.unacknowledged.update(tally.open)

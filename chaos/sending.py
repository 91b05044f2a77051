"""Keeps sending events, whatever happens to the hub, and records the acknowledgments."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from chaos.sent import EventSource
from producer.connection import Target, open_client
from producer.errors import ProducerError
from producer.sending import Pace, send_events
from producer.tally import SentTally

# Each shift asks again which partitions exist.
SHIFT_SECONDS = 8
HOLD_SECONDS = 0.2
LOG = logging.getLogger("chaos.sending")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """The highest rate, whether to continue at all, and whether to pause for a while."""

    rate: float
    goes_on: Callable[[], bool]
    holds_back: Callable[[], bool]


async def keep_sending(target: Target, source: EventSource, demand: Demand) -> None:
    """Send, shift by shift, until told to end; an event without an answer is sent again."""
    while demand.goes_on():
        if demand.holds_back():
            await asyncio.sleep(HOLD_SECONDS)
            continue
        ends_at = monotonic() + SHIFT_SECONDS

        def is_on(ends_at: float = ends_at) -> bool:
            return demand.goes_on() and not demand.holds_back() and monotonic() < ends_at

        await _shift(target, source, Pace(rate=demand.rate, patience_seconds=60), is_on)


async def _shift(
    target: Target, source: EventSource, pace: Pace, is_on: Callable[[], bool]
) -> None:
    tally = SentTally()
    try:
        async with open_client(target) as client:
            await send_events(client, source.events(is_on), pace, tally)
    except ProducerError as error:
        LOG.warning("a shift ended early: %s", error)
        await asyncio.sleep(0.5)
    finally:
        source.sent.unacknowledged.update(tally.open)

"""Shows how far a run is: on a terminal in one line, else in a new line every few seconds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import TextIO

from producer.tally import SentTally

TERMINAL_SECONDS = 0.2
LOG_SECONDS = 5.0


@asynccontextmanager
async def shown_progress(tally: SentTally, total: int | None, to: TextIO) -> AsyncIterator[None]:
    """Show progress for as long as the context is open."""
    task = asyncio.create_task(_show(tally, total, to))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        if to.isatty():
            to.write(f"\r{progress_line(tally, total, 0.0)}\x1b[K\n")


async def _show(tally: SentTally, total: int | None, to: TextIO) -> None:
    is_terminal = to.isatty()
    began = monotonic()
    while True:
        await asyncio.sleep(TERMINAL_SECONDS if is_terminal else LOG_SECONDS)
        line = progress_line(tally, total, monotonic() - began)
        to.write(f"\r{line}\x1b[K" if is_terminal else f"{line}\n")
        to.flush()


def progress_line(tally: SentTally, total: int | None, seconds: float) -> str:
    """Say how far the run is."""
    parts = [f"{tally.sent:,}" + (f" of {total:,}" if total else "") + " events sent"]
    if seconds:
        parts.append(f"{tally.sent / seconds:,.0f} events/s")
    if tally.throttled_count:
        parts.append(f"throttled {tally.throttled_count} times")
    if tally.resent_batches:
        parts.append(f"{tally.resent_batches} batches resent")
    if tally.refused:
        parts.append(f"{len(tally.refused)} refused")
    return ", ".join(parts)

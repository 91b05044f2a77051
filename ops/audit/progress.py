"""A progress bar; only shown on a terminal."""

from collections.abc import Callable
from typing import TextIO

WIDTH = 30
EVERY_SECONDS = 0.1


class ProgressBar:
    """Shows how far work of known length is."""

    def __init__(self, out: TextIO, clock: Callable[[], float]) -> None:
        """Draw to `out` if it is a terminal."""
        self._out, self._clock, self._is_shown = out, clock, out.isatty()
        self._begun_at, self._drawn_at = clock(), -1.0

    def show(self, done: int, of: int, events: int) -> None:
        """Draw it again, unless it was drawn just now."""
        now = self._clock()
        if not self._is_shown or (done < of and now - self._drawn_at < EVERY_SECONDS):
            return
        self._drawn_at = now
        filled = "#" * (WIDTH * done // max(of, 1))
        rate = events / max(now - self._begun_at, 0.001)
        self._out.write(
            f"\r[{filled:<{WIDTH}}] {done:,} of {of:,} batches, {events:,} events, {rate:,.0f}/s "
        )
        self._out.flush()

    def clear(self) -> None:
        """Leave the line as it was before."""
        if self._is_shown:
            self._out.write("\r\x1b[K")
            self._out.flush()

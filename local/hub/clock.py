"""The service's clock, which may be set wrong: it stamps events, and says when a hub was made."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The machine's clock, fast by `skew_seconds`, or slow where that is negative."""

    skew_seconds: float = 0.0

    def now_ms(self) -> int:
        """Give the time in milliseconds since 1970."""
        return time.time_ns() // 1_000_000 + int(self.skew_seconds * 1000)

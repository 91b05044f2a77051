"""The emulator's clock: it stamps events and hubs, and tests can set it wrong."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The machine's clock plus `skew_seconds`, which may be negative."""

    skew_seconds: float = 0.0

    def now_ms(self) -> int:
        """Return the time in milliseconds since 1970."""
        return time.time_ns() // 1_000_000 + int(self.skew_seconds * 1000)

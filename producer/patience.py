"""Tries again until the hub takes it: the SDK resends at most once, and does not back off."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from time import monotonic
from typing import TypeVar

from azure.eventhub.exceptions import AuthenticationError, EventHubError

from producer.errors import HubRefusedError, StalledError
from producer.tally import SentTally
from shared.errors import first_line

FIRST_DELAY_SECONDS = 0.1
LONGEST_DELAY_SECONDS = 8.0
TOO_LARGE = "message-size-exceeded"
THROTTLED = "server-busy"
PERMANENT = ("not-found", "unauthorized-access", "resource-disabled")
Result = TypeVar("Result")


class TooLargeError(Exception):
    """The hub does not take a message of this size."""


@dataclass(slots=True, kw_only=True)
class SendPatience:
    """How long a run waits without progress; all tasks of a run share it."""

    seconds: float
    tally: SentTally
    random: Random
    progressed_at: float = 0.0

    async def keep_trying(
        self, operation: Callable[[], Awaitable[Result]], event_count: int = 0
    ) -> Result:
        """Run the operation until it succeeds.

        Raises TooLargeError, HubRefusedError for a lasting refusal, and StalledError when nothing
        has got through for too long since this operation began to fail.
        """
        failing_since: float | None = None
        attempt = 0
        while True:
            try:
                result = await operation()
            except (EventHubError, OSError) as error:
                _raise_if_permanent(error)
                failing_since = failing_since or monotonic()
                self._give_up_if_stalled(failing_since, error)
                throttled = THROTTLED in _condition(error)
                self.tally.throttled_count += throttled
            else:
                self.progressed_at = monotonic()
                return result
            await asyncio.sleep(self._delay(attempt))
            attempt += 1
            if event_count:
                self.tally.resend(event_count, throttled=throttled)

    def _give_up_if_stalled(self, failing_since: float, error: Exception) -> None:
        waited = monotonic() - max(self.progressed_at, failing_since)
        if waited >= self.seconds:
            message = f"the hub took nothing for {waited:.0f} s: {_first_line(error)}"
            raise StalledError(message) from error

    def _delay(self, attempt: int) -> float:
        longest = FIRST_DELAY_SECONDS * float(1 << min(attempt, 10))
        # Jitter, so that the partitions do not all come back at once.
        return min(longest, LONGEST_DELAY_SECONDS, self.seconds) * self.random.uniform(0.5, 1)


def _raise_if_permanent(error: Exception) -> None:
    condition = _condition(error)
    if TOO_LARGE in condition:
        raise TooLargeError(_first_line(error)) from error
    if isinstance(error, AuthenticationError) or any(name in condition for name in PERMANENT):
        raise HubRefusedError(_first_line(error)) from error


def _condition(error: Exception) -> str:
    """The AMQP condition: the SDK keeps it in the error, or only in its text."""
    return str(getattr(error, "error", None) or error)


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {first_line(error)}"

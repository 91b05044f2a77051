"""Retry policies: how often to retry a failed invocation, and after which delay."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from local.host.timespan import parse_timespan

UNLIMITED = -1
# Beyond this exponent the delay is past any maximum interval; a float would overflow.
_LARGEST_EXPONENT = 62


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """A fixed delay (minimum == maximum), or a randomized exponential backoff between the two."""

    max_retry_count: int
    minimum: timedelta
    maximum: timedelta

    def allows(self, retry_count: int) -> bool:
        """Return whether retry number `retry_count` is allowed (the first is 1)."""
        return self.max_retry_count == UNLIMITED or retry_count <= self.max_retry_count

    def delay(self, retry_count: int, *, factor: float = 1.0) -> timedelta:
        """Return the wait before retry number `retry_count`; factor is the jitter, 0.8 to 1.2."""
        if retry_count <= 1:
            return self.minimum
        growth = float(2 ** min(retry_count - 2, _LARGEST_EXPONENT)) * factor
        seconds = self.minimum.total_seconds() * (1 + growth)
        return min(timedelta(seconds=min(seconds, self.maximum.total_seconds())), self.maximum)


def parse_decorated_policy(settings: Mapping[str, Any]) -> RetryPolicy:
    """Parse the `retry` decorator's settings; any strategy but fixed_delay means backoff."""
    count = _parse_count(settings.get("max_retry_count"))
    if settings.get("strategy") == "fixed_delay":
        return _fixed(count, settings.get("delay_interval"))
    return _backoff(count, settings.get("minimum_interval"), settings.get("maximum_interval"))


def parse_host_policy(section: Mapping[str, Any]) -> RetryPolicy:
    """Parse the `retry` section of host.json."""
    strategy = str(section.get("strategy", "")).casefold()
    count = _parse_count(section.get("maxRetryCount"))
    if strategy == "fixeddelay":
        return _fixed(count, section.get("delayInterval"))
    if strategy == "exponentialbackoff":
        return _backoff(count, section.get("minimumInterval"), section.get("maximumInterval"))
    msg = f"retry strategy {section.get('strategy')!r} is neither fixedDelay nor exponentialBackoff"
    raise ValueError(msg)


def _parse_count(value: object) -> int:
    try:
        count = int(str(value))
    except ValueError as error:
        msg = f"max retry count {value!r} is not a number"
        raise ValueError(msg) from error
    if count < UNLIMITED:
        msg = f"max retry count {count} is below -1"
        raise ValueError(msg)
    return count


def _fixed(count: int, interval: object) -> RetryPolicy:
    delay = _parse_interval("delay interval", interval)
    return RetryPolicy(max_retry_count=count, minimum=delay, maximum=delay)


def _backoff(count: int, minimum: object, maximum: object) -> RetryPolicy:
    shortest = _parse_interval("minimum interval", minimum)
    longest = _parse_interval("maximum interval", maximum)
    if shortest > longest:
        msg = "the minimum interval of a retry policy is greater than its maximum"
        raise ValueError(msg)
    return RetryPolicy(max_retry_count=count, minimum=shortest, maximum=longest)


def _parse_interval(what: str, value: object) -> timedelta:
    if not isinstance(value, str):
        msg = f"a retry policy needs a {what} (HH:MM:SS)"
        raise ValueError(msg)
    return parse_timespan(value)

"""Watches processes handle a hub's events: how fast, and at what CPU cost."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

POLL_SECONDS = 0.5
STALLED_SECONDS = 60
# A partition's last events wait to fill a batch. In a hub with steady traffic they never wait.
TENTHS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Events per second, and CPU seconds per event."""

    rate: float
    cpu: float


def rate(batches: Iterable[tuple[float, int]]) -> float:
    """Events per second after the first batch, until TENTHS of all events are handled.

    A batch is a pair: when it was handled, in seconds, and its number of events.
    """
    (began, first), *others = sorted(batches)
    wanted = (first + sum(size for _, size in others)) * TENTHS / 10
    handled, ended = first, began
    for at, size in others:
        if handled >= wanted:
            break
        handled, ended = handled + size, at
    return (handled - first) / (ended - began)


def wait_until(handled: Callable[[], int], count: int) -> int:
    """Ask until `count` events are handled; returns how many are. Raises if progress stops."""
    seen, since = -1, time.monotonic()
    while (now := handled()) < count:
        if now > seen:
            seen, since = now, time.monotonic()
        if time.monotonic() - since > STALLED_SECONDS:
            message = f"{now:,} of {count:,} events are handled, and no more"
            raise TimeoutError(message)
        time.sleep(POLL_SECONDS)
    return now


def watch(
    handled: Callable[[], int], count: int, cpu: Callable[[], Mapping[str, float]]
) -> dict[str, float]:
    """CPU seconds per event, by process; the starts and the first events are left out."""
    first, before = wait_until(handled, 1), cpu()
    last, after = wait_until(handled, count), cpu()
    if last == first:
        message = f"all {count:,} events were handled before the first look"
        raise ValueError(message)
    return {name: (after[name] - before[name]) / (last - first) for name in before}

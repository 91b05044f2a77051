"""Watching processes handle what a hub holds: how fast, and at what cost of CPU."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

POLL_SECONDS = 0.5
STALLED_SECONDS = 60
# The last events of a partition wait for a batch to fill, which none does in a hub that goes on.
TENTHS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Events a second, and the CPU seconds that one event takes."""

    rate: float
    cpu: float


def rate(batches: Iterable[tuple[float, int]]) -> float:
    """Events a second from the first batch, which is left out, until TENTHS of all are handled.

    A batch is when it was handled, in seconds, and how many events it has.
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
    """Ask until so many are handled; returns how many are. Raises where nothing goes on."""
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
    """CPU seconds an event, by process; the starts are left out, with the first events."""
    first, before = wait_until(handled, 1), cpu()
    last, after = wait_until(handled, count), cpu()
    if last == first:
        message = f"all {count:,} events were handled before the first look"
        raise ValueError(message)
    return {name: (after[name] - before[name]) / (last - first) for name in before}

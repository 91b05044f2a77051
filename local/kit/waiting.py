"""Waiting for a condition, or for a process to serve."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import TypeVar

_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.01, 0.25
_ANSWER_SECONDS = 2.0
T = TypeVar("T")


class EndedTooSoonError(Exception):
    """A process ended before it served."""


def wait_until(probe: Callable[[], T | None], seconds: float) -> T:
    """Poll until a probe returns a true value, and return it; else raise TimeoutError.

    Each pause is a tenth of the time waited so far, so a long wait uses little CPU.
    """
    began = time.monotonic()
    while not (found := probe()):
        waited = time.monotonic() - began
        if waited > seconds:
            message = f"what was awaited did not come within {seconds:g} s"
            raise TimeoutError(message)
        time.sleep(min(max(waited / 10, _SHORTEST_PAUSE), _LONGEST_PAUSE))
    return found


def await_health(url: str, seconds: float, *, is_running: Callable[[], bool]) -> None:
    """Wait until an HTTP server answers; raise TimeoutError if it does not.

    Raise EndedTooSoonError if its process ends first.
    """

    def is_healthy() -> bool:
        if answers(url):
            return True
        if not is_running():
            message = f"the process of {url} ended before it served"
            raise EndedTooSoonError(message)
        return False

    wait_until(is_healthy, seconds)


def answers(url: str) -> bool:
    """Whether a server answers at a URL without a server error."""
    try:
        with urllib.request.urlopen(url, timeout=_ANSWER_SECONDS):
            return True
    except urllib.error.HTTPError as error:
        with error:
            return error.code < 500
    except OSError:
        return False

"""The latest answer of something slow, without ever waiting long for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Lock, Thread
from typing import Generic, TypeVar

from shared.errors import LandfallError

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[T]):
    """What was last read, and when; or the problem with reading it. Both may be there."""

    value: T | None = None
    read_at: datetime | None = None
    problem: str = ""


class Latest(Generic[T]):
    """Reads in a thread of its own, one read at a time, only when somebody asks."""

    def __init__(self, read: Callable[[], T], clock: Callable[[], datetime]) -> None:
        """Keep the reader; does no I/O. `read` may raise LandfallError."""
        self._read, self._clock = read, clock
        self._lock = Lock()
        self._answer: Answer[T] = Answer()
        self._under_way: Event | None = None

    def ask(self, patience_seconds: float, first_patience_seconds: float) -> Answer[T]:
        """Start a read unless one is under way, wait a little, and return the latest answer.

        The very first read opens connections, so it is waited for longer.
        """
        with self._lock:
            is_first = self._answer == Answer()
            if self._under_way is None:
                self._under_way = Event()
                Thread(target=self._refresh, args=(self._under_way,), daemon=True).start()
            done = self._under_way
        is_done = done.wait(first_patience_seconds if is_first else patience_seconds)
        answer = self._answer
        if is_done or answer.value is not None:
            return answer
        return Answer(problem=answer.problem or "it has not answered yet")

    def _refresh(self, done: Event) -> None:
        try:
            answer = Answer(value=self._read(), read_at=self._clock())
        except LandfallError as error:
            before = self._answer
            answer = Answer(value=before.value, read_at=before.read_at, problem=str(error))
        with self._lock:
            self._answer = answer
            self._under_way = None
        done.set()

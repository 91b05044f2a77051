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
    """What was last read; or the problem with reading it, and what was read before."""

    value: T | None = None
    problem: str = ""
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long an answer is waited for, and how old one may be to do without the new one."""

    seconds: float
    oldest_seconds: float
    refresh_seconds: float


class Latest(Generic[T]):
    """Reads in a thread of its own, one read at a time, only when somebody asks."""

    def __init__(self, read: Callable[[], T], clock: Callable[[], datetime]) -> None:
        """Keep the reader; does no I/O. `read` may raise LandfallError."""
        self._read, self._clock = read, clock
        self._lock = Lock()
        self._answer: Answer[T] = Answer()
        self._under_way: Event | None = None

    def ask(self, patience: Patience) -> Answer[T]:
        """Start a read unless one is under way, wait a little, and return the latest answer.

        The first answer, and one to replace what has become too old, are waited for longer.
        """
        with self._lock:
            is_old = self._is_older_than(patience.oldest_seconds)
            if self._under_way is None:
                self._under_way = Event()
                Thread(target=self._refresh, args=(self._under_way,), daemon=True).start()
            done = self._under_way
        is_done = done.wait(patience.refresh_seconds if is_old else patience.seconds)
        answer = self._answer
        if is_done or answer.value is not None:
            return answer
        return Answer(problem=answer.problem or "it has not answered yet")

    def read_now(self) -> T:
        """Read here and now, for who needs it fresh; the answer serves the next who asks.

        Raises what `read` raises.
        """
        value = self._read()
        with self._lock:
            self._answer = Answer(value=value, asked_at=self._clock())
        return value

    def _is_older_than(self, seconds: float) -> bool:
        if self._answer.asked_at is None:
            return True
        return (self._clock() - self._answer.asked_at).total_seconds() > seconds

    def _refresh(self, done: Event) -> None:
        try:
            answer = Answer(value=self._read(), asked_at=self._clock())
        except LandfallError as error:
            known = self._answer.value
            answer = Answer(value=known, problem=str(error), asked_at=self._clock())
        with self._lock:
            self._answer = answer
            self._under_way = None
        done.set()

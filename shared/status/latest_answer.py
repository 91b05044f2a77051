"""The latest answer of something slow, without ever waiting long for it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Event, Lock, Thread
from typing import Generic, TypeVar

from shared.errors import LandfallError

T = TypeVar("T")
THREAD = "latest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[T]):
    """What was last read; or the problem with reading it, and what was read before."""

    value: T | None = None
    problem: str = ""
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPatience:
    """How long to wait for a new answer, and how old the last one may be in its place.

    The first answer opens connections, and may take longer.
    """

    seconds: float
    oldest_seconds: float
    refresh_seconds: float
    first_seconds: float = 5.0

    def wait_seconds(self, age_seconds: float | None) -> float:
        """How long to wait, given the age of the answer that is there; None without one."""
        if age_seconds is None:
            return self.first_seconds
        return self.refresh_seconds if age_seconds > self.oldest_seconds else self.seconds


class LatestAnswer(Generic[T]):
    """Reads in a thread of its own, one read at a time, only when somebody asks."""

    def __init__(self, read: Callable[[], T], clock: Callable[[], datetime]) -> None:
        """Keep the reader; does no I/O. `read` may raise LandfallError."""
        self._read, self._clock = read, clock
        self._lock = Lock()
        self._answer: Answer[T] = Answer()
        self._under_way: Event | None = None

    def ask(self, patience: AnswerPatience) -> Answer[T]:
        """Start a read unless one is under way, wait a little, and return the latest answer.

        An answer that has become too old is replaced if the new one comes in time, else returned
        with its age as the problem.
        """
        with self._lock:
            age = self._age_seconds()
            done = self._under_way or self._start()
        if done.wait(patience.wait_seconds(age)):
            return self._answer
        if age is None:
            return Answer(problem="it has not answered yet")
        if age > patience.oldest_seconds:
            return replace(self._answer, problem=f"its last answer is {age:.0f} s old")
        return self._answer

    def _start(self) -> Event:
        self._under_way = done = Event()
        Thread(target=self._refresh, args=(done,), name=THREAD, daemon=True).start()
        return done

    def read_now(self) -> T:
        """Read now, for a caller who needs a fresh answer; later callers get it too.

        Raises what `read` raises.
        """
        value = self._read()
        self._answer = Answer(value=value, asked_at=self._clock())
        return value

    def _age_seconds(self) -> float | None:
        asked_at = self._answer.asked_at
        return (self._clock() - asked_at).total_seconds() if asked_at else None

    def _refresh(self, done: Event) -> None:
        try:
            self._answer = self._read_or_problem()
        finally:
            with self._lock:
                self._under_way = None
            done.set()

    def _read_or_problem(self) -> Answer[T]:
        try:
            return Answer(value=self._read(), asked_at=self._clock())
        except LandfallError as error:
            known = self._answer.value
            return Answer(value=known, problem=str(error), asked_at=self._clock())

from collections.abc import Callable
from threading import Event

import pytest

from shared.errors import DependencyUnavailableError
from shared.status.latest_answer import AnswerPatience, LatestAnswer
from tests.builders import a_time
from tests.examples import examples

NO_PATIENCE = AnswerPatience(seconds=0, oldest_seconds=10, refresh_seconds=0, first_seconds=0)
PATIENT = AnswerPatience(seconds=60, oldest_seconds=10, refresh_seconds=60, first_seconds=60)


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self):
        return a_time(self.seconds)


class Slow:
    """Reads that end when the test says so."""

    def __init__(self) -> None:
        self.may_end, self.count = Event(), 0

    def __call__(self) -> int:
        self.may_end.wait()
        self.count += 1
        return self.count


@pytest.fixture
def slow() -> Slow:
    return Slow()


def test_an_answer_that_comes_in_time_is_returned() -> None:
    answer = LatestAnswer(lambda: 5, Clock()).ask(PATIENT)

    assert (answer.value, answer.problem) == (5, "")


def test_without_an_answer_yet_the_problem_says_so(slow: Slow) -> None:
    answer = LatestAnswer(slow, Clock()).ask(NO_PATIENCE)
    slow.may_end.set()

    assert (answer.value, answer.problem) == (None, "it has not answered yet")


def test_the_earlier_answer_serves_while_a_new_one_is_read(slow: Slow) -> None:
    latest = LatestAnswer(slow, Clock())
    slow.may_end.set()
    latest.ask(PATIENT)
    slow.may_end.clear()

    answer = latest.ask(NO_PATIENCE)
    slow.may_end.set()

    assert (answer.value, answer.problem) == (1, "")


def test_an_answer_that_is_too_old_says_its_age(slow: Slow) -> None:
    clock = Clock()
    latest = LatestAnswer(slow, clock)
    slow.may_end.set()
    latest.ask(PATIENT)
    slow.may_end.clear()
    clock.seconds = 11

    answer = latest.ask(NO_PATIENCE)
    slow.may_end.set()

    assert (answer.value, answer.problem) == (1, "its last answer is 11 s old")


def failing_after_first() -> Callable[[], int]:
    answers = iter([1])

    def read() -> int:
        for answer in answers:
            return answer
        message = "down"
        raise DependencyUnavailableError(message)

    return read


def test_a_problem_comes_with_what_was_read_before() -> None:
    latest = LatestAnswer(failing_after_first(), Clock())
    latest.ask(PATIENT)

    answer = latest.ask(PATIENT)

    assert (answer.value, answer.problem) == (1, "down")


def test_what_is_read_now_serves_the_next_who_asks(slow: Slow) -> None:
    latest = LatestAnswer(slow, Clock())
    slow.may_end.set()
    latest.read_now()
    slow.may_end.clear()

    answer = latest.ask(NO_PATIENCE)
    slow.may_end.set()

    assert answer.value == 1


def test_reads_that_end_at_once_never_trip_over_each_other() -> None:
    latest = LatestAnswer(lambda: 5, Clock())

    answers = {latest.ask(PATIENT).value for _ in range(examples(2000))}

    assert answers == {5}

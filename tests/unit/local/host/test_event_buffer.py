"""When the host makes a batch of a partition's events, and of which."""

from datetime import UTC, datetime, timedelta

from local.host.event_buffer import EventBuffer

NOON = datetime(2025, 3, 10, 12, tzinfo=UTC)


class Position:
    def __init__(self, number: int, *, at: datetime = NOON) -> None:
        self.sequence_number = number
        self.enqueued_time = at


def numbers(events: list[Position]) -> list[int]:
    return [event.sequence_number for event in events]


def buffer(*, minimum: int = 1, maximum: int = 3) -> EventBuffer[Position]:
    return EventBuffer(minimum=minimum, maximum=maximum, wait_seconds=60)


def test_a_buffer_gives_no_more_than_the_maximum() -> None:
    events = buffer()
    events.add([Position(n) for n in range(5)], now=0)

    assert numbers(events.take(now=0)) == [0, 1, 2]
    assert numbers(events.take(now=0)) == [3, 4]
    assert events.take(now=0) == []


def test_a_buffer_waits_for_the_minimum_or_for_the_time() -> None:
    events = buffer(minimum=2)
    events.add([Position(0)], now=0)
    first = numbers(events.take(now=0))
    events.add([Position(1)], now=10)

    assert first == [0]
    assert events.take(now=69) == []
    assert numbers(events.take(now=70)) == [1]


def test_a_buffer_drops_what_the_sdk_receives_again() -> None:
    events = buffer()
    events.add([Position(4), Position(5)], now=0)
    events.add([Position(4), Position(5), Position(6)], now=0)

    assert numbers(events.take(now=0)) == [4, 5, 6]


def test_a_buffer_takes_lower_numbers_of_a_hub_that_was_made_anew() -> None:
    events = buffer()
    events.add([Position(100)], now=0)
    events.add([Position(0, at=NOON + timedelta(seconds=1))], now=0)

    assert numbers(events.take(now=0)) == [100, 0]

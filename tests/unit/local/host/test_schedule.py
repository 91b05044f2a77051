"""Timer schedules and their status."""

from datetime import UTC, datetime, timedelta

import pytest

from local.host.schedule import parse_schedule
from local.host.timer_payload import NEVER, ScheduleStatus, advance, check_past_due

NOON = datetime(2025, 3, 10, 12, 0, 0, tzinfo=UTC)  # a Monday


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 */5 * * * *", datetime(2025, 3, 10, 12, 5, tzinfo=UTC)),
        ("*/15 * * * * *", datetime(2025, 3, 10, 12, 0, 15, tzinfo=UTC)),
        ("30 0 0 * * *", datetime(2025, 3, 11, 0, 0, 30, tzinfo=UTC)),
        ("0 0 9 * * TUE-FRI", datetime(2025, 3, 11, 9, tzinfo=UTC)),
        ("*/5 * * * *", datetime(2025, 3, 10, 12, 5, tzinfo=UTC)),
        ("00:00:30", datetime(2025, 3, 10, 12, 0, 30, tzinfo=UTC)),
        ("1.00:00:00", datetime(2025, 3, 11, 12, tzinfo=UTC)),
    ],
)
def test_the_next_occurrence_follows_the_expression(expression: str, expected: datetime) -> None:
    assert parse_schedule(expression).next_after(NOON) == expected


def test_day_of_month_and_day_of_week_must_both_match() -> None:
    schedule = parse_schedule("0 0 0 1 * MON")

    assert schedule.next_after(NOON) == datetime(2025, 9, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "expression", ["", "* * *", "61 * * * * *", "@daily", "0 0 0 L * *", "25:00:00", "00:00:00"]
)
def test_what_ncrontab_does_not_know_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="was not recognized as a valid cron expression"):
        parse_schedule(expression)


@pytest.mark.parametrize(
    ("expression", "is_monitored"),
    [
        ("*/10 * * * * *", False),
        ("0 * * * * *", True),
        ("*/10 0 * * * *", True),
        ("00:00:59", False),
        ("00:01:00", True),
    ],
)
def test_schedules_more_frequent_than_a_minute_are_not_monitored(
    expression: str, is_monitored: bool
) -> None:
    assert parse_schedule(expression).is_monitored is is_monitored


def hourly_status(*, last: datetime) -> ScheduleStatus:
    following = last + timedelta(hours=1)
    return ScheduleStatus(last=last, next=following, last_updated=last)


def test_a_missed_tick_is_past_due() -> None:
    status = hourly_status(last=NOON - timedelta(hours=3))

    check = check_past_due(parse_schedule("0 0 * * * *"), status, now=NOON)

    assert check.is_past_due
    assert check.status == status


def test_a_tick_that_is_still_to_come_is_not_past_due() -> None:
    status = hourly_status(last=NOON)

    check = check_past_due(parse_schedule("0 0 * * * *"), status, now=NOON + timedelta(minutes=59))

    assert not check.is_past_due


def test_a_changed_schedule_is_not_past_due() -> None:
    status = hourly_status(last=NOON - timedelta(hours=3))

    check = check_past_due(parse_schedule("0 30 * * * *"), status, now=NOON)

    assert not check.is_past_due
    assert check.status.next == NOON + timedelta(minutes=30)
    assert check.status.last == NEVER


def test_a_timer_seen_for_the_first_time_is_not_past_due() -> None:
    check = check_past_due(parse_schedule("0 0 * * * *"), None, now=NOON)

    assert not check.is_past_due
    assert check.status == ScheduleStatus(
        last=NEVER, next=NOON + timedelta(hours=1), last_updated=NOON
    )


def test_a_tick_that_came_early_does_not_come_twice() -> None:
    status = hourly_status(last=NOON)
    early = NOON + timedelta(hours=1) - timedelta(milliseconds=5)

    moved = advance(parse_schedule("0 0 * * * *"), status, invoked_at=early, was_scheduled=True)

    assert moved.last == NOON + timedelta(hours=1)
    assert moved.next == NOON + timedelta(hours=2)


def test_a_status_survives_its_json() -> None:
    status = ScheduleStatus(last=NEVER, next=NOON, last_updated=NOON)

    assert ScheduleStatus.from_json(status.to_json()) == status

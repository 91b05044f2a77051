"""Timer schedules: NCRONTAB expressions and time spans, in UTC."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from croniter import croniter

from local.host.timespan import parse_timespan

_NAMES = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|SUN|MON|TUE|WED|THU|FRI|SAT"
_ATOM = rf"(?:\d+|{_NAMES})"
_ITEM = rf"(?:\*|{_ATOM}(?:-{_ATOM})?)(?:/\d+)?"
# croniter accepts more than NCrontab (L, #, hashes, @daily), so we check the grammar first.
_FIELD = re.compile(rf"{_ITEM}(?:,{_ITEM})*", re.IGNORECASE)
_MINUTE = timedelta(minutes=1)


class Schedule(Protocol):
    """When a timer fires.

    `next_after` is strictly later than its argument. `adjusts_for_dst` goes into the payload.
    `is_monitored` is False for schedules more frequent than a minute: the host does not store
    their status, so they are never past due.
    """

    @property
    def adjusts_for_dst(self) -> bool:
        """Whether the payload's Schedule.AdjustForDST is true."""

    @property
    def is_monitored(self) -> bool:
        """Whether the host keeps the schedule's status in storage."""

    def next_after(self, moment: datetime) -> datetime:
        """Return the first occurrence after a moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CronSchedule:
    """An NCRONTAB expression of six fields, seconds first (or five, from minutes on)."""

    expression: str
    adjusts_for_dst: bool = True

    @property
    def is_monitored(self) -> bool:
        """Whether it fires at most once a minute."""
        fields = self.expression.split()
        if any(field != "*" for field in fields[1:]):
            return True
        # Any minute works: if only the seconds are restricted, all minutes are the same.
        start = datetime.fromisoformat("2024-01-01T00:00:00+00:00") - timedelta(microseconds=1)
        first = self.next_after(start)
        return self.next_after(first) - first >= _MINUTE

    def next_after(self, moment: datetime) -> datetime:
        """Return the first occurrence after a moment."""
        # In NCrontab both the day of month and the day of week must match.
        schedule = croniter(self.expression, moment, second_at_beginning=True, day_or=False)
        occurrence: datetime = schedule.get_next(datetime)
        return occurrence


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantSchedule:
    """A constant interval."""

    interval: timedelta
    adjusts_for_dst: bool = False

    @property
    def is_monitored(self) -> bool:
        """Whether it fires at most once a minute."""
        return self.interval >= _MINUTE

    def next_after(self, moment: datetime) -> datetime:
        """Return the moment one interval later."""
        return moment + self.interval


def parse_schedule(expression: str) -> Schedule:
    """Parse a timer's schedule; raise ValueError if it has neither form."""
    fields = expression.split()
    if len(fields) in (5, 6) and all(_FIELD.fullmatch(field) for field in fields):
        seconds_first = " ".join(fields if len(fields) == 6 else ["0", *fields])
        if croniter.is_valid(seconds_first, second_at_beginning=True):
            return CronSchedule(expression=seconds_first)
    try:
        interval = parse_timespan(expression)
    except ValueError:
        interval = timedelta(0)
    if interval <= timedelta(0):
        msg = (
            f"The schedule expression '{expression}' was not recognized as a valid cron "
            "expression or timespan string."
        )
        raise ValueError(msg)
    return ConstantSchedule(interval=interval)

"""Durations in .NET's format: [d.]HH:MM:SS[.fff]."""

import re
from datetime import timedelta

_TIMESPAN = re.compile(
    r"(?:(?P<days>\d+)\.)?(?P<hours>\d{1,2}):(?P<minutes>\d{1,2})"
    r"(?::(?P<seconds>\d{1,2})(?P<fraction>\.\d{1,7})?)?"
)


def parse_timespan(text: str) -> timedelta:
    """Parse a TimeSpan; raise ValueError if it is not one."""
    match = _TIMESPAN.fullmatch(text.strip())
    if match is None:
        msg = f"{text!r} is not a time span of the form HH:MM:SS"
        raise ValueError(msg)
    hours, minutes, seconds = (int(match[name] or 0) for name in ("hours", "minutes", "seconds"))
    if hours > 23 or minutes > 59 or seconds > 59:
        msg = f"{text!r} has a part out of range"
        raise ValueError(msg)
    return timedelta(
        days=int(match["days"] or 0),
        hours=hours,
        minutes=minutes,
        seconds=seconds + float(match["fraction"] or 0),
    )

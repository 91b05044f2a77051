"""Dates and times as events write them, in the units that Avro keeps them in."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

from shared.values.rejection import Reason, reject

TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]{1,9}))?)?")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?"
    r"(?:[Zz]|([+-])([0-9]{2}):?([0-9]{2}))?"
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = datetime.min.replace(tzinfo=UTC) - EPOCH
LATEST = datetime.max.replace(tzinfo=UTC) - EPOCH
DAY = timedelta(days=1)
MOST_MINUTES = 59


def count_days(value: str | int) -> int:
    """Days since 1970 of an ISO 8601 date, or of days themselves; raises RejectedError."""
    days = value if isinstance(value, int) else _parse_date(value)
    if not 1 <= days + EPOCH.toordinal() <= date.max.toordinal():
        reject(Reason.BAD_DATE, "outside the years 1 to 9999")
    return days


def _parse_date(text: str) -> int:
    if not DATE.fullmatch(text):
        reject(Reason.BAD_DATE, "not an ISO 8601 date")
    try:
        return date.fromisoformat(text).toordinal() - EPOCH.toordinal()
    except ValueError:
        reject(Reason.BAD_DATE, "no such day")


def count_time(value: str | int, unit: timedelta) -> int:
    """Units since midnight of an ISO 8601 time of day, or of units; raises RejectedError."""
    ticks = value if isinstance(value, int) else _parse_time(value) // unit
    if not 0 <= ticks < DAY // unit:
        reject(Reason.BAD_TIME, "not within a day")
    return ticks


def _parse_time(text: str) -> timedelta:
    matched = TIME.fullmatch(text)
    if not matched:
        reject(Reason.BAD_TIME, "not an ISO 8601 time of day")
    hour, minute, second, fraction = matched.groups()
    return timedelta(
        hours=int(hour),
        minutes=int(minute),
        seconds=int(second or 0),
        microseconds=int(_six_digits(fraction)),
    )


def count_ticks(value: str | int, unit: timedelta) -> int:
    """Units since 1970 of an ISO 8601 time, or of units themselves; raises RejectedError."""
    return _count(value, unit, has_offset=True)


def count_local_ticks(value: str | int, unit: timedelta) -> int:
    """The same for a time without a zone: units since 1970 by its own clock."""
    return _count(value, unit, has_offset=False)


def _count(value: str | int, unit: timedelta, *, has_offset: bool) -> int:
    if isinstance(value, int):
        ticks = value
    else:
        ticks = (_parse_timestamp(value, has_offset=has_offset) - EPOCH) // unit
    if not EARLIEST // unit <= ticks <= LATEST // unit:
        reject(Reason.BAD_TIMESTAMP, "outside the years 1 to 9999")
    return ticks


def _parse_timestamp(text: str, *, has_offset: bool) -> datetime:
    """Read ISO 8601; a time without an offset is read as UTC."""
    matched = TIMESTAMP.fullmatch(text)
    if not matched or (text[-1] in "Zz" or matched[8] is not None) != has_offset:
        expected = "with an offset" if has_offset else "without an offset"
        reject(Reason.BAD_TIMESTAMP, f"not ISO 8601 {expected}")
    *clock, fraction, sign, hours, minutes = matched.groups()
    year, month, day, hour, minute, second = (int(number or 0) for number in clock)
    microsecond = int(_six_digits(fraction))
    try:
        zone = _parse_offset(sign, hours, minutes)
        at = datetime(year, month, day, hour, minute, second, microsecond, tzinfo=zone)
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        reject(Reason.BAD_TIMESTAMP, "no such time")


def _parse_offset(sign: str | None, hours: str | None, minutes: str | None) -> timezone:
    """Make an offset; raises ValueError for a day or more, or for more than 59 minutes."""
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    if int(minutes or 0) > MOST_MINUTES:
        raise ValueError(minutes)
    return timezone(-offset if sign == "-" else offset)


def _six_digits(fraction: str | None) -> str:
    """Microseconds; digits beyond them (.NET writes seven) are cut."""
    return f"{(fraction or '')[:6]:0<6}"

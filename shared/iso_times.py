"""Dates and times as events write them, in the units that Avro keeps them in."""

import re
from datetime import UTC, date, datetime, timedelta

from shared.rejection import Reason, reject

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?"
    r"([Zz]|[+-][0-9]{2}:?[0-9]{2})"
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = datetime.min.replace(tzinfo=UTC) - EPOCH
LATEST = datetime.max.replace(tzinfo=UTC) - EPOCH


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


def count_ticks(value: str | int, unit: timedelta) -> int:
    """Units since 1970 of an ISO 8601 time, or of units themselves; raises RejectedError."""
    ticks = value if isinstance(value, int) else (_parse_timestamp(value) - EPOCH) // unit
    if not EARLIEST // unit <= ticks <= LATEST // unit:
        reject(Reason.BAD_TIMESTAMP, "outside the years 1 to 9999, UTC")
    return ticks


def _parse_timestamp(text: str) -> datetime:
    """Read ISO 8601 with an offset; digits beyond microseconds (.NET writes seven) are cut."""
    matched = TIMESTAMP.fullmatch(text)
    if not matched:
        reject(Reason.BAD_TIMESTAMP, "not ISO 8601 with an offset")
    year, month, day, hour, minute, second, fraction, offset = matched.groups()
    try:
        return datetime.fromisoformat(
            f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}"
            f".{(fraction or '')[:6]:0<6}{'+00:00' if offset in 'Zz' else offset}"
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        reject(Reason.BAD_TIMESTAMP, "no such time")

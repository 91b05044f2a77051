"""Reads times that a file writes in a form of its own, as ISO 8601 in UTC.

A form is written as for `strftime`, with %Y %m %b %d %H %M %S. It is matched strictly: each number
has all of its digits, and month names are English, whatever the machine's language.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DIRECTIVES: Mapping[str, str] = {
    "%Y": "(?P<year>[0-9]{4})",
    "%m": "(?P<month>[0-9]{2})",
    "%b": f"(?P<month_name>{'|'.join(MONTHS)})",
    "%d": "(?P<day>[0-9]{2})",
    "%H": "(?P<hour>[0-9]{2})",
    "%M": "(?P<minute>[0-9]{2})",
    "%S": "(?P<second>[0-9]{2})",
}
DIRECTIVE = re.compile("%.?")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeFormat:
    """A form in which times are written."""

    text: str
    pattern: re.Pattern[str]

    def to_iso(self, text: str) -> str:
        """Write the time as ISO 8601 with an offset; text that is no such time stays as it is."""
        matched = self.pattern.fullmatch(text)
        if not matched:
            return text
        part = matched.groupdict()
        name = part.pop("month_name", None)
        numbers = {field: int(value) for field, value in part.items()}
        if name:
            numbers["month"] = MONTHS.index(name) + 1
        try:
            return datetime(**numbers, tzinfo=UTC).isoformat()
        except ValueError:
            return text


def parse_time_format(text: str) -> TimeFormat:
    """Parse a form; raises ValueError where a part of the date is missing or stands twice."""
    directives = DIRECTIVE.findall(text)
    unknown = sorted({*directives} - DIRECTIVES.keys())
    if unknown:
        message = f"{', '.join(unknown)} in {text!r} is none of {' '.join(DIRECTIVES)}"
        raise ValueError(message)
    fields = ["%m" if directive == "%b" else directive for directive in directives]
    if len({*fields}) != len(fields) or not {"%Y", "%m", "%d"} <= {*fields}:
        message = f"{text!r} must have year, month and day, each part once"
        raise ValueError(message)
    literals = map(re.escape, DIRECTIVE.split(text))
    patterns = (*map(DIRECTIVES.__getitem__, directives), "")
    whole = "".join(part for pair in zip(literals, patterns, strict=True) for part in pair)
    return TimeFormat(text=text, pattern=re.compile(whole))

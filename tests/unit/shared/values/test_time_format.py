from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.values.time_format import MONTHS, parse_time_format

NASA = parse_time_format("%Y-%b-%d %H:%M")


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2020-Jan-01 00:54", "2020-01-01T00:54:00+00:00"),
        ("1900-Jan-04 22:25", "1900-01-04T22:25:00+00:00"),
        ("2024-Feb-29 23:59", "2024-02-29T23:59:00+00:00"),
        ("2199-Dec-31 12:00", "2199-12-31T12:00:00+00:00"),
    ],
)
def test_nasas_times_are_read_as_utc(text: str, iso: str) -> None:
    assert NASA.to_iso(text) == iso


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2020-01-01",
        "2020-Feb-30 00:00",
        "2020-Foo-01 00:00",
        "2020-jan-01 00:54",
        "2020-JAN-01 00:54",
        "2020-Jan-1 00:54",
        "2020-Jan-01 0:54",
        "2020-Jan-01 24:00",
        "2020-Jan-01 00:60",
        "0000-Jan-01 00:00",
        "20200-Jan-01 00:54",
        " 2020-Jan-01 00:54",
        "2020-Jan-01 00:54 ",
        "2020-Jan-01 00:54\n",
        "2020-Jan-01T00:54",
        "2020-Jan-01 00:54:00",
        "\u0662\u0660\u0662\u0660-Jan-01 00:54",
    ],
)
def test_text_that_is_no_such_time_stays_as_it_is(text: str) -> None:
    assert NASA.to_iso(text) == text


@pytest.mark.parametrize(
    ("form", "text", "iso"),
    [
        ("%d.%m.%Y", "31.12.2025", "2025-12-31T00:00:00+00:00"),
        ("%Y%m%d%H%M%S", "20251231235958", "2025-12-31T23:59:58+00:00"),
        ("[%b %d, %Y]", "[May 04, 2025]", "2025-05-04T00:00:00+00:00"),
    ],
)
def test_a_form_is_read_as_it_is_written(form: str, text: str, iso: str) -> None:
    assert parse_time_format(form).to_iso(text) == iso


def test_what_stands_between_the_parts_is_taken_literally() -> None:
    form = parse_time_format("%Y.%m.%d")

    assert form.to_iso("2025x12x31") == "2025x12x31"


@given(at=st.datetimes(min_value=datetime(1, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)))  # noqa: DTZ001 - the zone is added
def test_every_minute_reads_back_as_itself(at: datetime) -> None:
    minute = at.replace(second=0, microsecond=0)
    text = f"{at.year:04d}-{MONTHS[at.month - 1]}-{at.day:02d} {at.hour:02d}:{at.minute:02d}"

    assert datetime.fromisoformat(NASA.to_iso(text)) == minute


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ("%Y-%m", "must have year, month and day"),
        ("%m-%d", "must have year, month and day"),
        ("%Y-%d", "must have year, month and day"),
        ("", "must have year, month and day"),
        ("%Y-%m-%d %Y", "each part once"),
        ("%Y-%b-%m-%d", "each part once"),
        ("%Y-%m-%d %z", "%z in '%Y-%m-%d %z' is none of %Y %m %b"),
        ("%Y-%m-%d %p%I", "%I, %p in"),
        ("%Y-%m-%d %%", "%% in"),
        ("%Y-%m-%d %", "% in"),
    ],
)
def test_a_form_that_does_not_say_which_day_it_is_is_refused(form: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_time_format(form)

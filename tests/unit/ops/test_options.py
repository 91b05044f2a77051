import pytest

from ops.options import moment, number, numbers_of
from shared.errors import MisconfiguredError


def test_numbers_are_of_one_partition_and_in_order() -> None:
    def asked(**values: object) -> object:
        return type("Options", (), {"first": None, "last": None, "partition": None, **values})

    assert numbers_of(asked()) is None
    assert numbers_of(asked(first=3, partition="0")).first == 3
    with pytest.raises(MisconfiguredError, match="--partition"):
        numbers_of(asked(first=3))
    with pytest.raises(MisconfiguredError, match="above"):
        numbers_of(asked(first=3, last=2, partition="0"))


@pytest.mark.parametrize("text", ["", "-1", "1.0", "x", "9" * 19 + "9", "²"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Exception, match="is no number"):
        number(text)


def test_a_time_without_an_offset_is_utc() -> None:
    assert moment("2026-01-31T12:00") == moment("2026-01-31T13:00+01:00")
    with pytest.raises(Exception, match="is no time"):
        moment("yesterday")

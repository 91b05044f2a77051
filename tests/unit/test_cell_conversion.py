import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.avro_schema import Field, Primitive
from shared.cell_conversion import OMITTED, convert_cell, convert_nasa_time, convert_text
from tests.unit.producer_builders import contract

DOUBLE = Primitive(kind="double")
INT = Primitive(kind="int")
STRING = Primitive(kind="string")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_numbers_text_becomes_the_very_number_that_it_writes(number):
    assert convert_text(repr(number), DOUBLE) == number


@pytest.mark.parametrize(
    "text", ["nan", "inf", "1e999", "1_000", "1,5", " 1", "0x1", "\u0661", "1.2.3", "-", "."]
)
def test_text_that_is_no_number_stays_text(text):
    assert convert_text(text, DOUBLE) == text


@pytest.mark.parametrize(("text", "value"), [("29.", 29.0), (".5", 0.5), ("-1E-3", -0.001)])
def test_numbers_are_read_as_they_are_published(text, value):
    assert convert_text(text, DOUBLE) == value


@pytest.mark.parametrize(("text", "value"), [("007", 7), ("-1", -1), ("1.0", "1.0"), ("x", "x")])
def test_only_whole_numbers_become_integers(text, value):
    converted = convert_text(text, INT)
    assert converted == value
    assert type(converted) is type(value)


def test_an_empty_cell_is_null_or_left_out_or_as_it_is():
    meteorite, telemetry = contract("meteorite_landing").record, contract("telemetry").record
    assert convert_cell("", meteorite.by_name["mass_g"]) is None
    assert convert_cell("", telemetry.by_name["tags"]) is OMITTED
    assert convert_cell("", Field(name="text", type=STRING)) == ""
    assert convert_cell("", Field(name="number", type=INT)) == ""


@pytest.mark.parametrize("text", ["2020-Feb-30 00:00", "2020-Foo-01 00:00", "2020-01-01", "soon"])
def test_a_time_that_is_not_nasas_stays_as_it_is(text):
    assert convert_nasa_time(text) == text

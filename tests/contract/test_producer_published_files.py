"""NASA's files as published, where they are there: every row equals its event."""

import json
from fractions import Fraction

import pytest

from producer.source import file_events
from tests.unit.producer.producer_builders import (
    ROOT,
    approach_values,
    contract,
    meteorite_values,
    rejected,
)

NASA = ROOT.parent / "shared" / "data" / "nasa"
METEORITES = NASA / "meteorite_landings.csv"
APPROACHES = NASA / "close_approaches_2020.json"

pytestmark = pytest.mark.skipif(not NASA.exists(), reason="NASA's files are not there")


def replayed(path, name, body_format="json"):
    return list(file_events(contract(name), path, Fraction(), body_format))


def test_every_meteorite_equals_its_row_and_one_alone_breaks_its_contract():
    events = replayed(METEORITES, "meteorite_landing")
    assert len(events) == 45_716
    assert [json.loads(event.body) for event in events] == meteorite_values(METEORITES)
    assert [(reason, path) for reason, path, _ in rejected(events)] == [("rule_maximum", "reclong")]


@pytest.mark.parametrize("body_format", ["json", "avro"])
def test_every_close_approach_keeps_its_contract(body_format):
    events = replayed(APPROACHES, "close_approach", body_format)
    assert len(events) == 4_700
    assert rejected(events) == []


def test_every_close_approach_equals_its_row():
    events = replayed(APPROACHES, "close_approach")
    assert [json.loads(event.body) for event in events] == approach_values(APPROACHES)

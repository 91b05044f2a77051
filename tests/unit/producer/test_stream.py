from collections import Counter
from fractions import Fraction

import pytest

from producer.bad_events import ORDER
from producer.source import synthesized_events
from producer.stream import make_encoder, mix
from tests.examples import examples
from tests.unit.producer.producer_builders import NOT_IN_TELEMETRY, contract, reason_of, rejected

TELEMETRY = contract("telemetry")


def synthesized(count, *, seed=1, bad="0", body_format="json", name="telemetry"):
    return list(synthesized_events(contract(name), count, seed, Fraction(bad), body_format))


def test_the_same_seed_gives_the_same_events():
    assert synthesized(300, bad="0.1") == synthesized(300, bad="0.1")


def test_another_seed_gives_other_events():
    assert not {event.body for event in synthesized(50)} & {
        event.body for event in synthesized(50, seed=2)
    }


@pytest.mark.parametrize("body_format", ["json", "avro"])
@pytest.mark.parametrize("name", ["telemetry", "meteorite_landing", "close_approach", "shipment"])
def test_synthesized_events_keep_their_contract(name, body_format):
    events = synthesized(examples(200), name=name, body_format=body_format)
    assert rejected(events) == []
    assert len({event.body for event in events}) == examples(200)


def test_telemetry_comes_from_hundreds_of_devices_that_are_the_partition_keys():
    keys = Counter(event.partition_key for event in synthesized(5000))
    assert len(keys) == 300
    assert max(keys.values()) < 100


@pytest.mark.parametrize(
    ("count", "bad", "expected"), [(1000, "0.01", 10), (10, "0", 0), (7, "1", 7), (100, "0.29", 29)]
)
def test_the_share_of_bad_events_is_exact_and_within_the_count(count, bad, expected):
    events = synthesized(count, bad=bad)
    assert [event.index for event in events] == list(range(count))
    assert sum(event.known_bad is not None for event in events) == expected


def test_as_many_bad_events_as_reasons_have_each_reason_that_the_contract_allows():
    events = synthesized(len(ORDER) - 1, bad="1")
    assert {event.known_bad for event in events} == set(ORDER) - NOT_IN_TELEMETRY


def test_good_events_are_the_same_with_bad_ones_between_them():
    mixed = [event.body for event in synthesized(100, bad="0.5") if event.known_bad is None]
    assert mixed == [event.body for event in synthesized(50)]


def test_bad_events_are_owed_until_the_first_good_row():
    rows = [b"broken", b"[]", b'{"name": 1}', *(e.body for e in synthesized(3))]
    events = list(mix(rows, Fraction("0.5"), make_encoder(TELEMETRY, None, "json")))
    assert [event.body for event in events if event.known_bad is None] == rows
    assert [event.known_bad for event in events[:4]] == [None] * 4
    assert [reason_of(event) for event in events[4:]].count(None) == 2
    assert sum(event.known_bad is not None for event in events) == len(events) // 2


def test_a_row_without_an_avro_form_is_sent_as_json():
    encoder = make_encoder(contract("meteorite_landing"), None, "avro")
    event = encoder.encode(0, {"name": "Aachen", "id": "one"})
    assert event.content_type == "application/json"
    assert event.body == b'{"name":"Aachen","id":"one"}'

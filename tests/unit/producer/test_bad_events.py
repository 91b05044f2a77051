import json
from fractions import Fraction
from itertools import islice

import pytest

from producer.bad_events import NOT_OVER_A_HUB, ORDER, BadEvents
from producer.stream import OutgoingEvent, make_encoder, mix
from producer.synthesis import synthesize_records
from producer.telemetry import synthesize_telemetry
from shared.values.rejection import Reason
from tests.builders import a_contract
from tests.examples import examples
from tests.unit.producer.producer_builders import NOT_IN_TELEMETRY, contract, reason_of

GOOD_TELEMETRY = next(synthesize_telemetry(1))
GOOD_SHIPMENT = {
    "weight": 1.5,
    "due": None,
    "items": [],
    "seals": {},
    "carrier": None,
    "checked": True,
    "tag": 3,
}
IMPOSSIBLE_SHIPMENT = {
    Reason.UNKNOWN_SYMBOL,
    Reason.BAD_TIMESTAMP,
    Reason.RULE_MINIMUM,
    Reason.RULE_EXCLUSIVE_MAXIMUM,
    Reason.RULE_MIN_LENGTH,
}


def sent(name, reason, good):
    bad = BadEvents(contract(name)).make(reason, good)
    return bad and OutgoingEvent(
        index=0,
        body=bad.body,
        content_type=bad.content_type,
        contract=bad.contract,
        partition_key=None,
    )


@pytest.mark.parametrize("reason", sorted(set(ORDER) - NOT_IN_TELEMETRY))
def test_bad_telemetry_is_rejected_for_exactly_its_reason(reason):
    assert reason_of(sent("telemetry", reason, GOOD_TELEMETRY)) == reason


@pytest.mark.parametrize("reason", sorted(set(ORDER) - IMPOSSIBLE_SHIPMENT))
def test_a_contract_with_its_rules_deep_inside_has_bad_events_too(reason):
    assert reason_of(sent("shipment", reason, GOOD_SHIPMENT)) == reason


@pytest.mark.parametrize("reason", sorted(IMPOSSIBLE_SHIPMENT))
def test_a_reason_that_the_contract_has_no_place_for_is_left_out(reason):
    assert sent("shipment", reason, GOOD_SHIPMENT) is None


def test_only_a_body_that_no_hub_takes_is_never_made():
    assert set(Reason) - set(ORDER) == NOT_OVER_A_HUB == {Reason.BODY_TOO_LARGE}


@pytest.mark.parametrize("name", ["telemetry", "meteorite_landing", "close_approach", "shipment"])
def test_every_bad_event_of_a_long_stream_is_rejected_for_the_reason_that_it_says(name):
    count = examples(500)
    rows = synthesize_records(contract(name).record, 3)
    rows = synthesize_telemetry(3) if name == "telemetry" else rows
    events = list(
        islice(mix(rows, Fraction("0.2"), make_encoder(contract(name), None, "json")), count)
    )
    assert [reason_of(event) for event in events] == [event.known_bad for event in events]
    assert sum(event.known_bad is not None for event in events) == count // 5


def test_a_field_that_is_called_by_its_alias_is_broken_all_the_same():
    known = a_contract({"name": "new", "type": "long", "aliases": ["old"]})
    for_reason = BadEvents(known).make

    missing = for_reason(Reason.MISSING_FIELD, {"old": 1})
    wrong = for_reason(Reason.WRONG_TYPE, {"old": 1})

    assert missing is not None
    assert wrong is not None
    assert json.loads(missing.body) == {}
    assert json.loads(wrong.body).keys() == {"new"}

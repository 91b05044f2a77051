"""What the benchmarks measure with."""

from fractions import Fraction

import pytest

from benchmarks.json_ways import JsonWays, kept
from benchmarks.readings import (
    BREAKS,
    CONTRACT,
    SIZES,
    Size,
    avro_events,
    bad_bodies,
    events_of,
    json_bodies,
)
from shared.contracts.origin import Origin
from shared.encoding.reference_encoder import EncodedRecords, ReferenceEncoder
from shared.hub.address import GenerationAddress, PartitionAddress

ORIGIN = Origin(
    place=GenerationAddress(partition=PartitionAddress(hub="hub", partition_id="0"), generation=0),
    batch_id="hub/p000/0-9",
)


def judged(bodies: list[bytes]) -> EncodedRecords:
    return ReferenceEncoder(CONTRACT).encode(events_of(bodies), ORIGIN)


@pytest.mark.parametrize("size", SIZES)
def test_good_events_keep_the_contract_and_are_about_as_large_as_they_say(size: Size) -> None:
    bodies = json_bodies(50, size)

    assert judged(bodies).rejections == {}
    assert sum(map(len, bodies)) / 50 == pytest.approx(size, rel=0.15)


def test_every_kind_of_bad_event_breaks_the_contract_for_a_reason_of_its_own() -> None:
    bodies = [body for body, _ in zip(bad_bodies(1), BREAKS, strict=False)]

    rejections = judged(bodies).rejections

    assert len(rejections) == len(BREAKS)
    assert len({(item.reason, item.path) for item in rejections.values()}) == len(BREAKS)


def test_bad_events_are_as_many_as_asked_for_and_spread_evenly() -> None:
    rejections = judged(json_bodies(100, bad_share=Fraction(1, 10))).rejections

    assert list(rejections) == list(range(9, 100, 10))


def test_events_are_the_same_for_the_same_seed() -> None:
    assert json_bodies(20, seed=3) == json_bodies(20, seed=3) != json_bodies(20, seed=4)


def test_events_as_avro_land_like_the_same_events_as_json() -> None:
    encoder = ReferenceEncoder(CONTRACT)

    as_avro = encoder.encode(avro_events(20), ORIGIN)

    assert as_avro == encoder.encode(events_of(json_bodies(20)), ORIGIN)


def test_every_way_that_is_compared_lands_the_same_bytes_of_good_events() -> None:
    ways = JsonWays(CONTRACT, ORIGIN).ways
    events = events_of(json_bodies(50))

    landed = {name: kept(way(events)) for name, way in ways.items()}

    assert set(landed.values()) == {landed["reference"]}
    assert landed["reference"][1] == 50

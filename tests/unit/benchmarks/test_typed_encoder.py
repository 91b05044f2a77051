"""The comparison's fastest Python lands what the definition lands; else its speed says nothing."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.json_ways import kept
from benchmarks.readings import CONTRACT, SIZES, Size, bad_bodies, events_of, json_bodies
from shared.contracts.origin import Origin
from shared.encoding.reference_encoder import ReferenceEncoder
from shared.hub.address import GenerationAddress, PartitionAddress

pytest.importorskip("msgspec", reason="msgspec is in the benchmarks' environment alone")

from benchmarks.typed_encoder import typed_encoder

ORIGIN = Origin(
    place=GenerationAddress(partition=PartitionAddress(hub="hub", partition_id="12"), generation=3),
    batch_id="hub/p012/0-9",
)
ENCODE = typed_encoder(CONTRACT, ORIGIN)
REFERENCE = ReferenceEncoder(CONTRACT)


@given(
    seed=st.integers(0, 1 << 32),
    size=st.sampled_from(SIZES),
    bad=st.fractions(Fraction(0), Fraction(1)),
)
def test_it_lands_the_references_bytes(seed: int, size: Size, bad: Fraction) -> None:
    events = events_of(json_bodies(20, size, bad, seed))

    assert ENCODE(events) == kept(REFERENCE.encode(events, ORIGIN))


def test_it_keeps_no_bad_event() -> None:
    bodies = [body for body, _ in zip(bad_bodies(1), range(100), strict=False)]

    assert ENCODE(events_of(bodies)) == (b"", 0)

"""Whatever a stranger sends, its batch lands, and nothing of it changes.

Runs a few thousand bodies. For more, and others each time: `LANDFALL_FUZZED_BODIES=100000 pytest
tests/unit/shared/landing/test_fuzzed_bodies.py`.
"""

import json
import os
from collections.abc import Iterator
from io import BytesIO
from random import Random
from typing import Any

from fastavro import reader
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from producer.body import AvroEncoder
from producer.synthesis import synthesize
from shared.adapters.contract_files import CONTRACTS_FOLDER, load_contracts
from shared.contracts.catalog import ContractCatalog
from shared.hub.events import Event
from tests.builders import a_batch, a_batch_of, a_time
from tests.examples import examples
from tests.landers import a_lander
from tests.memory import MemoryLake, MemoryLedger

KNOWN = tuple(load_contracts(CONTRACTS_FOLDER))
AT_ONCE = 50
ASKED = int(os.environ.get("LANDFALL_FUZZED_BODIES", "0"))
AVRO = "avro/binary"


def real_events() -> Iterator[dict[str, Any]]:
    """Good events of every contract, as JSON and as Avro."""
    random = Random(4)
    for contract in KNOWN:
        encode = AvroEncoder(contract).encode
        for _ in range(20):
            value = synthesize(contract.record, random)
            avro = encode(value)
            assert avro is not None
            properties = {"contract": str(contract.id)}
            yield {"body": json.dumps(value).encode(), "properties": properties}
            yield {"body": avro, "properties": properties, "content_type": AVRO}


REAL = list(real_events())


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A real event, a part of whose body is cut out and something else put there."""
    event = draw(st.sampled_from(REAL))
    body = event["body"]
    start = draw(st.integers(0, len(body)))
    end = draw(st.integers(start, min(len(body), start + 8)))
    put = draw(
        st.binary(max_size=4)
        | st.sampled_from([b"null", b"{", b'"', b"\\ud800", b"1e999", b"-0", b"[", b"\x00", body])
    )
    return {**event, "body": body[:start] + put + body[end:]}


def random_bytes() -> st.SearchStrategy[dict[str, Any]]:
    names = st.sampled_from([str(contract.id) for contract in KNOWN]) | st.text(max_size=5)
    return st.fixed_dictionaries(
        {"body": st.binary(max_size=64)},
        optional={
            "content_type": st.sampled_from([AVRO, f"{AVRO}+7", "application/json", "text/plain"]),
            "properties": st.dictionaries(st.just("contract"), names, max_size=1),
        },
    )


@settings(
    max_examples=ASKED // AT_ONCE or examples(50),
    derandomize=not ASKED,
    suppress_health_check=list(HealthCheck),
)
@given(
    st.lists(
        st.sampled_from(REAL) | mutated() | mutated() | random_bytes(),
        min_size=AT_ONCE,
        max_size=AT_ONCE,
    )
)
def test_every_body_is_landed_or_kept_untouched_and_its_partition_goes_on(
    drawn: list[dict[str, Any]],
) -> None:
    lake = MemoryLake()
    lander = a_lander(lake, MemoryLedger(), known=ContractCatalog(KNOWN, "telemetry"))
    events = [
        Event(sequence_number=n, enqueued_at=a_time(n), **values) for n, values in enumerate(drawn)
    ]

    landing = lander.land(a_batch_of(*events))

    kept = {row["_landfall"]["sequence_number"]: row for row in rows(lake, "quarantine/")}
    landed = {row["_landfall"]["sequence_number"] for row in rows(lake, "bronze/")}
    assert landed | kept.keys() == set(range(AT_ONCE))
    assert landed.isdisjoint(kept)
    assert (landing.counts.landed, landing.counts.quarantined) == (len(landed), len(kept))
    assert {n: row["body"] for n, row in kept.items()} == {n: events[n].body for n in kept}
    assert all(row["reason"] for row in kept.values())
    assert all(n in landed for n, values in enumerate(drawn) if values in REAL)
    assert lander.land(a_batch(AT_ONCE, AT_ONCE + 4)).counts.quarantined == 5


def rows(lake: MemoryLake, layer: str) -> list[Any]:
    files = [data for path, data in lake.files.items() if path.startswith(layer)]
    return [row for data in files for row in reader(BytesIO(data))]

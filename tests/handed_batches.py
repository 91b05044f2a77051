"""Batches as the worker hands them over: any that the Event Hubs extension may write, and odder."""

import json
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from azure.functions.meta import Datum
from hypothesis import strategies as st

Document = dict[str, Any]
# One event: its body, its application properties, its system properties.
Handed = tuple[bytes, Document, Document]

# What AMQP has and JSON shows; no integer of AMQP has more than 64 bits.
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.lists(st.integers(0, 9), max_size=2),
)
NAMES = st.one_of(st.sampled_from(["contract", "größe", ""]), st.text(max_size=8))
CLOCKS = st.datetimes().map(lambda moment: moment.isoformat())
FRACTIONS = st.text("0123456789", min_size=1, max_size=7).map(lambda digits: f".{digits}")
TIMES = st.one_of(
    CLOCKS,
    st.builds(
        lambda moment, fraction, zone: (
            f"{moment.replace(microsecond=0).isoformat()}{fraction}{zone}"
        ),
        st.datetimes(),
        st.one_of(st.just(""), FRACTIONS),
        st.sampled_from(["", "Z", "+00:00", "-00:00"]),
    ),
    # Nobody writes these, but the library reads them.
    st.sampled_from(["03/10/2025 12:00:00Z", "3/1/2025T1:02:03.5", "2025-3-1T1:2:3", "", None]),
)
KEYS = st.one_of(st.none(), st.text(max_size=8), st.integers(0, 9))


def make_datums(
    events: Sequence[Handed], context: Document | None = None, *, lacking: str = ""
) -> tuple[Datum, Mapping[str, Datum]]:
    """The datum and the metadata of a batch."""
    parts: Mapping[str, Any] = {
        "PartitionContext": context or {"EventHubName": "events", "PartitionId": "3"},
        "PropertiesArray": [properties for _, properties, _ in events],
        "SystemPropertiesArray": [system for _, _, system in events],
    }
    bodies = SimpleNamespace(bytes=[body for body, _, _ in events])
    return Datum(bodies, "collection_bytes"), {
        name: Datum(json.dumps(part), "json") for name, part in parts.items() if name != lacking
    }


@st.composite
def batches(draw: st.DrawFn) -> list[Handed]:
    """Any batch; numbers increase as a hub's do, or are whatever they are."""
    numbers: Sequence[Any] = draw(
        st.one_of(
            st.lists(st.integers(0, 2**62), min_size=1, max_size=6, unique=True).map(sorted),
            st.lists(st.one_of(st.integers(0, 9), st.just("7"), st.none()), min_size=1, max_size=3),
        )
    )
    return [
        (
            draw(st.binary(max_size=8)),
            draw(st.dictionaries(NAMES, VALUES, max_size=3)),
            draw(_system(number)),
        )
        for number in numbers
    ]


@st.composite
def _system(draw: st.DrawFn, number: Any) -> Document:
    own = {
        "SequenceNumber": number,
        "Offset": draw(st.integers(-1, 2**40)),
        "PartitionKey": draw(KEYS),
        "EnqueuedTimeUtc": draw(TIMES),
    }
    others = st.sampled_from(
        ["content-type", "message-id", "iothub-enqueuedtime", "iothub-connection-device-id"]
    )
    more = draw(st.dictionaries(others, st.one_of(st.text(max_size=8), st.none()), max_size=3))
    left_out = draw(st.sets(st.sampled_from(sorted(own)), max_size=1))
    return more | {name: value for name, value in own.items() if name not in left_out}

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
)
KEYS = st.one_of(st.none(), st.text(max_size=8))
NUMBERS = st.lists(st.integers(0, 2**62), min_size=1, max_size=6, unique=True).map(sorted)
# Nobody writes these, but the library reads them, or says what is wrong.
ODD_TIMES = st.sampled_from(
    ["03/10/2025 12:00:00Z", "3/1/2025T1:02:03.5", "2025-3-1T1:2:3", "", None]
)
ODD_KEYS = st.integers(0, 9)
ODD_NUMBERS = st.lists(
    st.one_of(st.integers(0, 9), st.just("7"), st.none()), min_size=1, max_size=3
)


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
def written_batches(draw: st.DrawFn) -> list[Handed]:
    """Any batch as the extension writes one."""
    return [draw(_events(number, TIMES, KEYS)) for number in draw(NUMBERS)]


@st.composite
def odd_batches(draw: st.DrawFn) -> list[Handed]:
    """Batches with numbers, times, keys or lacks that the extension does not write."""
    times, keys = st.one_of(TIMES, ODD_TIMES), st.one_of(KEYS, ODD_KEYS)
    events = [
        draw(_events(number, times, keys)) for number in draw(st.one_of(NUMBERS, ODD_NUMBERS))
    ]
    names = ["SequenceNumber", "EnqueuedTimeUtc", "PartitionKey", "Offset", "nothing"]
    lacking = draw(st.sampled_from(names))
    return [
        (body, properties, {name: value for name, value in system.items() if name != lacking})
        for body, properties, system in events
    ]


@st.composite
def _events(draw: st.DrawFn, number: Any, times: Any, keys: Any) -> Handed:
    own = {
        "SequenceNumber": number,
        "Offset": draw(st.integers(-1, 2**40)),
        "PartitionKey": draw(keys),
        "EnqueuedTimeUtc": draw(times),
    }
    others = st.sampled_from(
        ["content-type", "message-id", "iothub-enqueuedtime", "iothub-connection-device-id"]
    )
    # Without the property, the extension takes an annotation of that name, of any type.
    more = draw(st.dictionaries(others, VALUES, max_size=3))
    properties = draw(st.dictionaries(NAMES, VALUES, max_size=3))
    return draw(st.binary(max_size=8)), properties, more | own

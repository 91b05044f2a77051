"""Part c: from Avro bodies to the blocks that land; a valid body's bytes are kept."""

from functools import partial
from io import BytesIO

import fastavro

from benchmarks.encoders import NATIVE, encoders
from benchmarks.encoding import BATCH_SIZE, ORIGIN
from benchmarks.json_ways import Batch, Way, encode, join, kept, over, split
from benchmarks.measuring import TURN_SECONDS, measure
from benchmarks.readings import CONTRACT, SCHEMA, avro_events
from benchmarks.results import (
    NOT_BUILT,
    Bar,
    Chart,
    Comparison,
    Section,
    at_least,
    compare,
    untried,
)

READER = "fastavro schemaless_reader, the bytes kept"
FLOOR = "floor: the bodies, joined"
EVENTS, QUICK_EVENTS = 10_000, 200
REPETITIONS, QUICK_REPETITIONS = 15, 1
CLAIM, BOUND = "native, times a loop over schemaless_reader", 15


def section(*, quick: bool) -> Section:
    """Check that every event lands, then measure."""
    events = avro_events(QUICK_EVENTS if quick else EVENTS)
    ours = _ours(events)
    ways = over(split(events, BATCH_SIZE), {**ours, READER: _read, FLOOR: join})
    comparison = Comparison(
        title=f"Avro of 420 B of JSON, batches of {BATCH_SIZE:,}",
        events=len(events),
        ways=measure(
            ways,
            repetitions=QUICK_REPETITIONS if quick else REPETITIONS,
            least_seconds=0 if quick else TURN_SECONDS,
        ),
    )
    claim = (
        at_least(CLAIM, comparison.ratio(NATIVE, READER), BOUND)
        if NATIVE in ours
        else untried(CLAIM, NOT_BUILT)
    )
    bars = [
        Bar(label=name, value=comparison.rate(name), is_ours=name in ours)
        for name in (*ours, READER)
    ]
    return Section(
        letter="c",
        title="Avro to landed blocks",
        lines=compare(comparison),
        claims=[claim],
        charts=[
            Chart(name="avro-to-blocks", title="Avro to landed blocks, events/s a core", bars=bars)
        ],
    )


def _ours(events: Batch) -> dict[str, Way]:
    """Our encoders; raises if one does not keep every event's bytes."""
    ways: dict[str, Way] = {
        name: partial(encode, encoder, ORIGIN) for name, encoder in encoders(CONTRACT).items()
    }
    for name, way in ways.items():
        data, count = kept(way(events))
        if count != len(events) or any(event.body not in data for event in events[:100]):
            message = f"{name} does not land the bytes of good events"
            raise ValueError(message)
    return ways


def _read(events: Batch) -> bytes:
    """Treat every readable body as valid; land the body with nothing added."""
    data = BytesIO()
    for event in events:
        try:
            fastavro.schemaless_reader(BytesIO(event.body), SCHEMA, None)
        except (EOFError, ValueError, IndexError):
            continue
        data.write(event.body)
    return data.getvalue()

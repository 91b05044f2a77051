"""The events for all measurements: good and bad ones of one contract, the same for each seed."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from io import BytesIO
from itertools import cycle
from math import floor
from pathlib import Path
from random import Random
from typing import Any, Literal
from uuid import UUID

from fastavro import parse_schema, schemaless_writer

from shared.adapters.contract_files import load_contracts
from shared.contracts.catalog import AVRO_CONTENT_TYPE, CONTRACT_PROPERTY
from shared.hub.address import GenerationAddress, PartitionAddress
from shared.hub.events import Event
from shared.values.json_body import JSON_CONTENT_TYPE

CONTRACTS_FOLDER = Path(__file__).parent / "contracts"
(CONTRACT,) = load_contracts(CONTRACTS_FOLDER)
SCHEMA = parse_schema({**CONTRACT.schema})
START = datetime(2026, 1, 1, tzinfo=UTC)
PLACE = GenerationAddress(partition=PartitionAddress(hub="events", partition_id="0"), generation=0)
Reading = dict[str, Any]
Size = Literal[200, 420, 1000]
SIZES: tuple[Size, ...] = (200, 420, 1000)
SYMBOLS = ("reading", "alarm", "heartbeat", "configuration")
SITES = ("amsterdam", "bergen", "cadiz", "delft")
TAGS = ("indoor", "north", "line-7", "calibrated", "spare", "v2", "fan", "east")
WORDS = ("the", "valve", "was", "opened", "by hand", "after", "pressure", "had", "risen", "above")


def good_readings(seed: int, size: Size = 420) -> Iterator[Reading]:
    """Valid values without end; each is about `size` bytes as JSON."""
    random = Random(seed)
    for number in range(1 << 31):
        occurred_at = START + timedelta(seconds=number, microseconds=random.randrange(1_000_000))
        reading: Reading = {
            "event_id": str(UUID(int=random.getrandbits(128), version=4)),
            "event_type": random.choice(SYMBOLS),
            "device_id": f"m-{random.randrange(1000)}",
            "occurred_at": occurred_at.isoformat().replace("+00:00", "Z"),
            "reading_number": number,
            "ok": random.random() < 0.9,
            "position": {
                "latitude": round(random.uniform(-90, 90), 3),
                "longitude": round(random.uniform(-180, 180), 3),
            },
        }
        yield reading if size == SIZES[0] else reading | _more(random, size)


def bad_bodies(seed: int, size: Size = 420, *, is_json: bool = False) -> Iterator[bytes]:
    """Bodies that break the contract without end, each kind in turn."""
    breaks = [break_it for name, break_it in BREAKS.items() if not (is_json and name == TORN)]
    for break_it, reading in zip(cycle(breaks), good_readings(seed, size), strict=False):
        yield break_it(reading)


def json_bodies(
    count: int, size: Size = 420, bad_share: Fraction = Fraction(0), seed: int = 1
) -> list[bytes]:
    """`count` bodies, with the bad ones spread evenly."""
    good, bad = good_readings(seed, size), bad_bodies(seed + 1, size)
    return [
        next(bad)
        if floor((index + 1) * bad_share) > floor(index * bad_share)
        else write(next(good))
        for index in range(count)
    ]


def avro_bodies(count: int, size: Size = 420, seed: int = 1) -> list[bytes]:
    """The same good events as Avro binary."""
    readings = good_readings(seed, size)
    return [_avro(next(readings)) for _ in range(count)]


def events_of(bodies: list[bytes], content_type: str = JSON_CONTENT_TYPE) -> tuple[Event, ...]:
    """Events with these bodies, as in one partition of a hub."""
    return tuple(
        Event(
            sequence_number=number,
            enqueued_at=START + timedelta(milliseconds=number),
            body=body,
            properties={CONTRACT_PROPERTY: str(CONTRACT.id)},
            content_type=content_type,
        )
        for number, body in enumerate(bodies)
    )


def avro_events(count: int) -> tuple[Event, ...]:
    """Good events with Avro bodies."""
    return events_of(avro_bodies(count), AVRO_CONTENT_TYPE)


def write(reading: Mapping[str, Any]) -> bytes:
    """Write a body as most producers do: without spaces."""
    return json.dumps(reading, separators=(",", ":")).encode()


def _more(random: Random, size: Size) -> Reading:
    is_large = size == SIZES[2]
    names = random.sample(range(8), 8 if is_large else 4)
    return {
        "total_count": random.randrange(1 << 40),
        "temperature": round(random.uniform(-20, 40), 2) if random.random() < 0.9 else None,
        "pressure": round(random.uniform(980, 1040), 1) if random.random() < 0.9 else None,
        "tags": random.sample(TAGS, 6 if is_large else 3),
        "attributes": {f"key-{name}": random.choice(SITES) for name in names},
        "note": " ".join(random.choices(WORDS, k=88 if is_large else 2)),
    }


def _avro(reading: Reading) -> bytes:
    occurred_at = datetime.fromisoformat(reading["occurred_at"])
    written = BytesIO()
    schemaless_writer(written, SCHEMA, reading | {"occurred_at": occurred_at})
    return written.getvalue()


def _without(name: str) -> Callable[[Reading], bytes]:
    return lambda reading: write({key: item for key, item in reading.items() if key != name})


def _with(**changes: Any) -> Callable[[Reading], bytes]:
    return lambda reading: write(reading | changes)


TORN = "cut short"
BREAKS: Mapping[str, Callable[[Reading], bytes]] = {
    TORN: lambda reading: write(reading)[:-20],
    "a field is missing": _without("device_id"),
    "text for a number": _with(temperature="warm"),
    "no such symbol": _with(event_type="unheard-of"),
    "no uuid": _with(event_id="1234"),
    "an int beyond 32 bits": _with(reading_number=1 << 31),
    "no such time": _with(occurred_at="2026-02-30T00:00:00Z"),
    "a list for a map": _with(attributes=["a", "b"]),
    "an unknown field": _with(colour="red"),
}

"""Plausible telemetry: a few hundred devices, each at its place, whose readings change slowly."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

DEVICES = 300
START = datetime(2026, 1, 1, tzinfo=UTC)
TYPES = ("reading", "heartbeat", "configuration", "alarm")
WEIGHTS = (90, 6, 2, 2)
TAGS = ("indoor", "outdoor", "north", "south", "calibrated", "battery")
FIRMWARE = ("1.4.0", "1.4.2", "2.0.1")


@dataclass(slots=True)
class _Device:
    device_id: str
    position: dict[str, float]
    temperature: float
    pressure: float
    tags: list[str]
    attributes: dict[str, str]
    reading_number: int = 0


def synthesize_telemetry(seed: int) -> Iterator[dict[str, Any]]:
    """Synthesize events without end, the same for the same seed; times come from no clock."""
    random = Random(seed)
    devices = [_make_device(number, random) for number in range(DEVICES)]
    at = START
    while True:
        at += timedelta(microseconds=random.randrange(1, 20_000))
        yield _read_device(random.choice(devices), at, random)


def _make_device(number: int, random: Random) -> _Device:
    return _Device(
        device_id=f"device-{number:04d}",
        position={
            "latitude": round(random.uniform(-60, 70), 5),
            "longitude": round(random.uniform(-180, 180), 5),
        },
        temperature=random.uniform(-5, 30),
        pressure=random.uniform(980, 1040),
        tags=random.sample(TAGS, random.randrange(3)),
        attributes={"firmware": random.choice(FIRMWARE), "site": f"site-{random.randrange(20)}"},
    )


def _read_device(device: _Device, at: datetime, random: Random) -> dict[str, Any]:
    kind = random.choices(TYPES, WEIGHTS)[0]
    measures = kind in ("reading", "alarm")
    device.temperature += random.uniform(-0.2, 0.2)
    device.pressure = min(1080.0, max(920.0, device.pressure + random.uniform(-0.3, 0.3)))
    device.reading_number += 1
    return {
        "event_id": str(UUID(int=random.getrandbits(128), version=4)),
        "event_type": kind,
        "device_id": device.device_id,
        "occurred_at": at.isoformat(timespec="microseconds"),
        "temperature": round(device.temperature, 2) if measures else None,
        "pressure": round(device.pressure, 2) if measures else None,
        "reading_number": device.reading_number,
        "ok": kind != "alarm",
        "position": device.position,
        "tags": device.tags,
        "attributes": device.attributes,
        "note": "threshold exceeded" if kind == "alarm" else None,
    }

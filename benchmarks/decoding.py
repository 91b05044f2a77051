"""What it costs to make an `EventBatch` of what the worker hands over: our way and the library's.

`python -m benchmarks.decoding [--quick] [--json]`. A batch of 420 B bodies with what a producer
usually says of them (contract, content type, partition key); from datum and metadata to batch.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

import orjson

from benchmarks.measuring import TURN_SECONDS, Machine, Measured, describe_machine, measure
from functions import ingest
from functions.handover import BINDING
from functions.translation import parse_event_batch
from local.host.event_payload import PartitionSource, ReceivedEvent, encode_batch
from local.host.indexing import find_converter, index_function
from local.host.worker import TriggerPayload

OURS, LIBRARY, WHOLE = "ours", "the library's decoding alone", "the library's, then ours of it"
FLOOR = "parsing the metadata's JSON alone"
SIZES, QUICK_SIZES = (100, 2_000, 10_000), (100,)
REPETITIONS, QUICK_REPETITIONS = 9, 3
BODY_BYTES = 420
ENQUEUED_AT = datetime(2026, 1, 1, 12, 30, 15, 457_000, tzinfo=UTC)
SOURCE = PartitionSource(
    fully_qualified_namespace="namespace.servicebus.windows.net",
    event_hub_name="events",
    consumer_group="$Default",
    partition_id="0",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """What each way took for some batches of one size."""

    batch_size: int
    events: int
    ways: dict[str, Measured]

    def rate(self, way: str) -> float:
        """Events decoded per second of CPU time."""
        return self.events / self.ways[way].cpu.median

    def ratio(self, way: str) -> float:
        """How many times our way's CPU time another way takes."""
        return self.ways[way].cpu.ratio(self.ways[OURS].cpu)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The results of a run, for a program that collects them."""

    machine: Machine
    decodings: tuple[Decoding, ...]


def main() -> int:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only to see that it works")
    parser.add_argument("--json", action="store_true", help="print every figure as JSON")
    options = parser.parse_args()
    report = run(quick=options.quick)
    print(json.dumps(asdict(report)) if options.json else _as_text(report))
    return 0


def run(*, quick: bool) -> Report:
    """Measure every size of batch."""
    sizes = QUICK_SIZES if quick else SIZES
    return Report(
        machine=describe_machine(("azure-functions", "orjson")),
        decodings=tuple(_measure(size, quick=quick) for size in sizes),
    )


def _measure(size: int, *, quick: bool) -> Decoding:
    return Decoding(
        batch_size=size,
        events=size,
        ways=measure(
            _ways(_payload(size)),
            repetitions=QUICK_REPETITIONS if quick else REPETITIONS,
            least_seconds=0 if quick else TURN_SECONDS,
        ),
    )


def _ways(payload: TriggerPayload) -> dict[str, Callable[[], object]]:
    library, ours = find_converter("eventHubTrigger"), find_converter(_binding_of_ingest())
    data, metadata = payload.data, payload.metadata
    texts = [metadata[name].value for name in ("PropertiesArray", "SystemPropertiesArray")]
    return {
        OURS: lambda: parse_event_batch(ours.decode(data, trigger_metadata=metadata)),
        LIBRARY: lambda: library.decode(data, trigger_metadata=metadata),
        WHOLE: lambda: parse_event_batch(library.decode(data, trigger_metadata=metadata)),
        FLOOR: lambda: [orjson.loads(text) for text in texts],
    }


def _binding_of_ingest() -> str:
    """The type that selects `ingest`'s converter; exits if it fell back to the library's."""
    binding = index_function(ingest.ingest.build()).binding_types["events"]
    if binding != BINDING:
        message = "the function fell back to the library's decoding, see its warning"
        raise SystemExit(message)
    return binding


def _payload(size: int) -> TriggerPayload:
    return encode_batch(
        [_event(number) for number in range(size)],
        SOURCE,
        data_type="BINARY",
        is_checkpointing=True,
    )


def _event(number: int) -> ReceivedEvent:
    enqueued_at = ENQUEUED_AT + timedelta(milliseconds=number)
    key = f"device-{number % 50}"
    return ReceivedEvent(
        body=number.to_bytes(4, "big") * (BODY_BYTES // 4),
        sequence_number=10_000_000 + number,
        offset=str(8_000_000_000 + number * 500),
        enqueued_at=enqueued_at,
        partition_key=key,
        properties={b"contract": b"telemetry/1"},
        system_properties={
            b"content-type": b"application/json",
            b"x-opt-sequence-number": 10_000_000 + number,
            b"x-opt-offset": str(8_000_000_000 + number * 500).encode(),
            b"x-opt-enqueued-time": int(enqueued_at.timestamp() * 1000),
            b"x-opt-partition-key": key.encode(),
        },
    )


def _as_text(report: Report) -> str:
    machine = report.machine
    lines = [f"{machine.processor}, {machine.cores} cores, Python {machine.python}"]
    lines += [f"{name} {number}" for name, number in machine.packages.items()]
    lines += [line for decoding in report.decodings for line in _table(decoding)]
    return "\n".join(lines)


def _table(decoding: Decoding) -> Sequence[str]:
    count = decoding.events
    title = f"batches of {decoding.batch_size:,}"
    head = f"{title:34}{'us/event CPU':>24}{'wall':>8}{'events/s':>12}"
    rows = [head + f"{'ours is':>10}"]
    for name, way in decoding.ways.items():
        cpu = [seconds / count * 1e6 for seconds in (way.cpu.median, way.cpu.least, way.cpu.most)]
        wall = way.wall.median / count * 1e6
        figures = f"{cpu[0]:.2f} ({cpu[1]:.2f}-{cpu[2]:.2f})"
        ratio = f"{decoding.ratio(name):.1f}x"
        rows.append(f"{name:34}{figures:>24}{wall:>8.2f}{decoding.rate(name):>12,.0f}{ratio:>10}")
    return rows


if __name__ == "__main__":
    sys.exit(main())

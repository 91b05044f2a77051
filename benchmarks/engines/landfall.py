"""Landfall's own way: judge, encode and write batches like those that the hub would deliver."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path

from benchmarks.encoders import best_encoder
from benchmarks.readings import CONTRACT, PLACE
from shared.contracts.catalog import ContractCatalog
from shared.encoding.compression import Codec
from shared.hub.events import Event
from shared.landing.batch_files import encode_batch

BATCH_EVENTS = 2000
# A file has no enqueued times.
ENQUEUED_AT = datetime(2026, 1, 1, tzinfo=UTC)


def prepare(source: Path, target: Path) -> Callable[[], None]:
    """Load the contract."""
    contracts, codec = ContractCatalog([CONTRACT], str(CONTRACT.id)), Codec()
    encoder_of = best_encoder()

    def run() -> None:
        numbers = count()
        with source.open("rb") as lines:
            while batch := list(islice(lines, BATCH_EVENTS)):
                events = [_event(next(numbers), line) for line in batch]
                encoded = encode_batch(events, PLACE, contracts, codec, encoder_of=encoder_of)
                for item in encoded.files:
                    path = target / item.file.path
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(item.data)

    return run


def _event(number: int, line: bytes) -> Event:
    return Event(sequence_number=number, enqueued_at=ENQUEUED_AT, body=line.rstrip(b"\n"))

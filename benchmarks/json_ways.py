"""The compared ways from JSON bodies to the records that land: ours and plain Python's.

Each takes a batch and returns its records' bytes and their count. `kept` makes all results alike.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from io import BytesIO
from typing import Any

import fastavro
import orjson
from fastavro.validation import ValidationError, validate, validate_many

from benchmarks.encoders import encoders
from shared.contracts.contract import Contract
from shared.contracts.origin import ORIGIN, Origin, origin_record
from shared.encoding.reference_encoder import RecordEncoder
from shared.hub.events import Event

HAS_MSGSPEC = find_spec("msgspec") is not None
OBVIOUS = "json.loads, fastavro validate_many and writer"
SILENT = "the same, validate_many told not to say what is wrong"
ORJSON = "orjson, fastavro schemaless_writer"
TYPED = "msgspec typed decode, generated encoder"
Batch = Sequence[Event]
Way = Callable[[Batch], object]


class JsonWays:
    """The ways available here for one contract; OBVIOUS and ORJSON know its `occurred_at`."""

    def __init__(self, contract: Contract, origin: Origin) -> None:
        """Prepare everything that is not done per batch."""
        self._schema, self._origin = contract.landed_schema, origin
        self.ways: dict[str, Way] = {
            name: partial(encode, encoder, origin) for name, encoder in encoders(contract).items()
        }
        self.ours = tuple(self.ways)
        self.ways[OBVIOUS] = partial(self._obvious, is_silent=False)
        self.ways[SILENT] = partial(self._obvious, is_silent=True)
        self.ways[ORJSON] = partial(self._with, orjson.loads)
        self.floors: dict[str, Way] = {
            "floor: the bodies, joined": join,
            "floor: orjson.loads alone": partial(_each, orjson.loads),
        }
        if HAS_MSGSPEC:
            from benchmarks.typed_encoder import typed_decoder, typed_encoder

            self.ways[TYPED] = typed_encoder(contract, origin)
            decode = typed_decoder(contract).decode
            self.floors["floor: msgspec typed decode alone"] = partial(_each, decode)

    def _obvious(self, events: Batch, *, is_silent: bool) -> bytes:
        """Check the whole batch at once; check one by one only if something is wrong."""
        records = []
        for event in events:
            try:
                records.append(self._complete(json.loads(event.body), event))
            except (ValueError, KeyError, TypeError):
                continue
        if not self._is_valid(validate_many, records, is_silent):
            records = [item for item in records if self._is_valid(validate, item, is_silent)]
        file = BytesIO()
        fastavro.writer(file, self._schema, records)
        return file.getvalue()

    def _is_valid(self, check: Callable[..., bool], datum: Any, is_silent: bool) -> bool:
        try:
            return check(datum, self._schema, raise_errors=not is_silent)
        except ValidationError:
            return False

    def _with(self, loads: Callable[[bytes], Any], events: Batch) -> tuple[bytes, int]:
        """Treat every record that can be encoded as valid."""
        data, count = BytesIO(), 0
        for event in events:
            start = data.tell()
            try:
                record = self._complete(loads(event.body), event)
                fastavro.schemaless_writer(data, self._schema, record)
            except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
                data.seek(start)
                data.truncate()
            else:
                count += 1
        return data.getvalue(), count

    def _complete(self, record: dict[str, Any], event: Event) -> dict[str, Any]:
        record["occurred_at"] = datetime.fromisoformat(record["occurred_at"])
        record[ORIGIN] = origin_record(event, self._origin)
        return record


def kept(encoded: Any) -> tuple[bytes, int]:
    """Return the records' bytes and their count, from any way's result."""
    if isinstance(encoded, bytes):
        blocks: list[Any] = list(fastavro.block_reader(BytesIO(encoded)))
        data = b"".join(block.bytes_.getvalue() for block in blocks)
        return data, sum(block.num_records for block in blocks)
    if isinstance(encoded, tuple):
        return encoded
    data = b"".join(block.data for block in encoded.blocks)
    return data, sum(block.count for block in encoded.blocks)


def encode(encoder: RecordEncoder, origin: Origin, events: Batch) -> object:
    """Use one of our encoders as a way."""
    return encoder.encode(events, origin)


def join(events: Batch) -> bytes:
    """The lower limit: only copy the bodies' bytes into one place."""
    return b"".join([event.body for event in events])


def split(events: Batch, size: int) -> list[Batch]:
    """Split the events into batches of one size."""
    return [events[start : start + size] for start in range(0, len(events), size)]


def over(batches: Sequence[Batch], ways: Mapping[str, Way]) -> dict[str, Callable[[], None]]:
    """Apply each way to all batches."""

    def run(way: Way) -> None:
        for batch in batches:
            way(batch)

    return {name: partial(run, way) for name, way in ways.items()}


def _each(decode: Callable[[bytes], object], events: Batch) -> None:
    for event in events:
        decode(event.body)

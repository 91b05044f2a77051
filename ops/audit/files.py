"""Read a committed file's numbers, block by block, without decoding what the events say.

It steps over every byte of every record, but makes values only of `_landfall` and, in the
quarantine, of what the counts are by.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from typing import Any, cast

from fastavro import block_reader, parse_schema

from ops.audit.ranges import Ranges
from ops.audit.tallies import LANDED, Standing, Tally
from ops.audit.walking import make_walk, origin_prefix
from shared.contracts.origin import ORIGIN
from shared.encoding.judging import UNCOUNTED
from shared.hub.address import GenerationAddress, PartitionAddress
from shared.hub.sequence_range import consecutive_ranges
from shared.ledger.batch import LandedFile

ORIGIN_READ = {
    "name": ORIGIN,
    "type": {
        "type": "record",
        "name": "landfall.Origin",
        "fields": [
            {"name": "hub", "type": "string"},
            {"name": "generation", "type": "int"},
            {"name": "partition_id", "type": "string"},
            {"name": "sequence_number", "type": "long"},
        ],
    },
}
COUNTED_BY = ({"name": "reason", "type": "string"}, {"name": "contract", "type": "string"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContent:
    """What a file holds; with an error, what could be read before it."""

    #: The file's size.
    bytes: int
    #: The hash of its bytes.
    sha256: str
    #: The batch that its metadata names.
    batch_id: str = ""
    #: The contract that its metadata names.
    contract: str = ""
    #: As the file has them, even out of order or twice.
    numbers: Ranges = ()
    #: The generations that its records name.
    origins: frozenset[GenerationAddress] = frozenset()
    #: What it holds, by standing.
    tally: Tally = field(default_factory=Counter)
    #: Of a quarantine file: its numbers by standing, in order.
    quarantined: Mapping[Standing, Ranges] = field(default_factory=dict)
    #: Why no more could be read; empty where all was.
    error: str = ""

    @property
    def records(self) -> int:
        """How many records were read."""
        return sum(part.count for part in self.numbers)


def read_content(file: LandedFile, expected: GenerationAddress, data: bytes) -> FileContent:
    """Read a file's bytes, which should all have one origin; never raises for their content."""
    gathered = _Gathered(file.contract)
    # The walk is fast, but only knows right or wrong; fastavro says what is wrong.
    if not (file.contract and gathered.walk(data, expected)):
        gathered = _Gathered(file.contract)
        gathered.read(data)
    return FileContent(
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        batch_id=gathered.metadata.get("landfall.batch_id", ""),
        contract=gathered.metadata.get("landfall.contract", ""),
        numbers=consecutive_ranges(gathered.numbers),
        origins=frozenset(gathered.origins),
        tally=gathered.tally,
        quarantined={
            standing: consecutive_ranges(sorted(numbers))
            for standing, numbers in gathered.quarantined.items()
        },
        error=gathered.error,
    )


class _Gathered:
    def __init__(self, contract: str) -> None:
        self._contract = contract
        self.metadata: Mapping[str, str] = {}
        self.numbers: list[int] = []
        self.origins: set[GenerationAddress] = set()
        self.tally: Tally = Counter()
        self.quarantined: dict[Standing, list[int]] = {}
        self.error = ""

    def walk(self, data: bytes, expected: GenerationAddress) -> bool:
        """Gather the numbers; false if anything is not as it should be."""
        prefix = origin_prefix(
            expected.partition.hub, expected.generation, expected.partition.partition_id
        )
        try:
            blocks = block_reader(BytesIO(data))
            self.metadata = blocks.metadata
            step = make_walk(blocks.metadata["avro.schema"])
            for block in blocks:
                self.numbers += step(_content(block).getvalue(), block.num_records, prefix)
        except Exception:  # broken bytes make the codecs and fastavro raise anything
            return False
        self.origins.add(expected)
        self.tally[self._contract, LANDED] += len(self.numbers)
        return True

    def read(self, data: bytes) -> None:
        """Gather what can be read, and why no more."""
        try:
            blocks = block_reader(BytesIO(data), _reader_schema(self._contract))
            self.metadata = blocks.metadata
            for block in blocks:
                self._add(cast("list[dict[str, Any]]", list(block)))
                if _content(block).read(1):
                    self.error = "a block holds more than its records"
        except Exception as caught:  # as above
            self.error = f"{type(caught).__name__}: {caught}"

    def _add(self, records: list[dict[str, Any]]) -> None:
        for record in records:
            origin = record[ORIGIN]
            number = origin.pop("sequence_number")
            self.numbers.append(number)
            self.origins.add(_parse_place(origin))
            standing = (self._contract, LANDED) if self._contract else _counted_by(record)
            self.tally[standing] += 1
            if not self._contract:
                self.quarantined.setdefault(standing, []).append(number)


def _parse_place(origin: Mapping[str, Any]) -> GenerationAddress:
    partition = PartitionAddress(hub=origin["hub"], partition_id=origin["partition_id"])
    return GenerationAddress(partition=partition, generation=origin["generation"])


def _content(block: Any) -> BytesIO:
    """A block's bytes, which fastavro's stub leaves out."""
    content: BytesIO = block.bytes_
    return content


def _counted_by(record: Mapping[str, Any]) -> Standing:
    reason = record["reason"]
    return "" if reason in UNCOUNTED else record["contract"], reason


@cache
def _reader_schema(contract: str) -> Any:
    """The schema to read a contract's file with; fastavro compares names without namespaces."""
    name = contract.partition("/")[0] or "Quarantined"
    fields = [ORIGIN_READ] if contract else [*COUNTED_BY, ORIGIN_READ]
    return parse_schema({"type": "record", "name": name, "fields": fields})

"""Records in blocks of Avro bytes, and the port that makes them of events."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Protocol, TypeAlias

from fastavro import schemaless_writer

from shared.contracts.contract import Contract
from shared.contracts.origin import Origin
from shared.hub.events import Event
from shared.values.rejection import Rejection

BLOCK_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """`count` records, their Avro bytes one after another."""

    count: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedRecords:
    """What became of the events: records in blocks, in order; rejections by index in the events.

    A block ends with the record that brings it to BLOCK_BYTES, and the last with the last record.
    """

    blocks: tuple[Block, ...]
    rejections: Mapping[int, Rejection]


class RecordEncoder(Protocol):
    """Judges and encodes events of one contract."""

    def encode(self, events: Sequence[Event], origin: Origin) -> EncodedRecords:
        """Encode the events that keep the contract; never raises for what is in one."""


EncoderOf: TypeAlias = Callable[[Contract], RecordEncoder]


def encode_blocks(schema: Any, records: Iterable[Mapping[str, Any]]) -> tuple[Block, ...]:
    """Encode records in a schema of fastavro's parsed form, and cut them into blocks."""
    blocks: list[Block] = []
    count, data = 0, BytesIO()
    for record in records:
        schemaless_writer(data, schema, record)
        count += 1
        if data.tell() >= BLOCK_BYTES:
            blocks.append(Block(count=count, data=data.getvalue()))
            count, data = 0, BytesIO()
    if count:
        blocks.append(Block(count=count, data=data.getvalue()))
    return tuple(blocks)

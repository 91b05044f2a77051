"""From events of one contract to the Avro bytes of their records: what is valid, and what lands.

The reference encoder, in plain Python, is the definition. Any other encoder gives the same bytes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Protocol, TypeAlias

from fastavro import schemaless_writer

from shared.contracts.contract import Contract
from shared.contracts.origin import ORIGIN, Origin, origin_record
from shared.encoding.judging import judge_body
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


class ReferenceEncoder:
    """The definition: event by event, with the standard library and fastavro."""

    def __init__(self, contract: Contract) -> None:
        """Keep the contract."""
        self._contract = contract

    def encode(self, events: Sequence[Event], origin: Origin) -> EncodedRecords:
        """Encode the events that keep the contract; never raises for what is in one."""
        rejections: dict[int, Rejection] = {}
        records = self._judge(events, origin, rejections)
        blocks = encode_blocks(self._contract.landed_schema, records)
        return EncodedRecords(blocks=blocks, rejections=rejections)

    def _judge(
        self, events: Sequence[Event], origin: Origin, rejections: dict[int, Rejection]
    ) -> Iterator[Mapping[str, Any]]:
        for index, event in enumerate(events):
            judged = judge_body(event, self._contract)
            if isinstance(judged, Rejection):
                rejections[index] = judged
            else:
                yield {**judged, ORIGIN: origin_record(event, origin)}


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

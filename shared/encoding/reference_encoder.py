"""From events of one contract to the Avro bytes of their records: what is valid, and what lands.

The reference, in plain Python, is the definition; any other encoder gives the same, byte for byte.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared.contracts.contract import Contract
from shared.contracts.origin import ORIGIN, Origin, origin_record
from shared.encoding.judging import judge_body
from shared.encoding.record_blocks import EncodedRecords, encode_blocks
from shared.hub.events import Event
from shared.values.rejection import Rejection


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

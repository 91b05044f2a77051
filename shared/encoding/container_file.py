"""Avro object container files (Avro 1.11): the same records make the same bytes."""

import hashlib
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from fastavro import schemaless_writer, writer

from shared.contracts.contract import Contract
from shared.contracts.origin import Origin
from shared.encoding.compression import Codec, compress
from shared.encoding.judging import RejectedEvent
from shared.encoding.quarantine_record import QUARANTINE_SCHEMA, quarantine_record
from shared.encoding.reference_encoder import Block, encode_blocks

SYNC_BYTES = 16


def encode_bronze(
    blocks: Sequence[Block], contract: Contract, origin: Origin, codec: Codec
) -> bytes:
    """Frame the records of one contract into one container file."""
    return _frame(blocks, contract.landed_schema, origin, str(contract.id), codec)


def encode_quarantine(rejected: Sequence[RejectedEvent], origin: Origin, codec: Codec) -> bytes:
    """Encode the rejected events into one container file."""
    records = (quarantine_record(item, origin) for item in rejected)
    blocks = encode_blocks(QUARANTINE_SCHEMA, records)
    return _frame(blocks, QUARANTINE_SCHEMA, origin, "quarantine", codec)


def _frame(blocks: Sequence[Block], schema: Any, origin: Origin, what: str, codec: Codec) -> bytes:
    """Write the header, then each block (Avro 1.11, Object Container Files)."""
    seed = f"{origin.batch_id}/g{origin.place.generation}/{what}"
    sync_marker = hashlib.sha256(seed.encode()).digest()[:SYNC_BYTES]
    metadata = {"landfall.batch_id": origin.batch_id, "landfall.contract": what}
    file = BytesIO()
    # Without records fastavro writes the header alone.
    writer(file, schema, (), codec=codec.name, sync_marker=sync_marker, metadata=metadata)
    for block in blocks:
        schemaless_writer(file, "long", block.count)
        schemaless_writer(file, "bytes", compress(block.data, codec))
        file.write(sync_marker)
    return file.getvalue()

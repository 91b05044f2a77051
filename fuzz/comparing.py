"""Runs events through both cores, and finds the first difference."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.contracts.contract import Contract
from shared.contracts.origin import Origin
from shared.encoding.reference_encoder import EncodedRecords, RecordEncoder, ReferenceEncoder
from shared.hub.address import GenerationAddress, PartitionAddress
from shared.hub.events import Event

BEGAN_AT = datetime(2026, 1, 1, tzinfo=UTC)
ORIGIN = Origin(
    place=GenerationAddress(partition=PartitionAddress(hub="hub", partition_id="0"), generation=3),
    batch_id="hub/p000/0-1",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One event on which the cores disagree, made as small as possible."""

    body: bytes
    is_avro: bool
    reference: EncodedRecords | str
    native: EncodedRecords | str


def to_events(bodies: Sequence[tuple[bytes, bool]]) -> list[Event]:
    """Make events from bodies; the flag says whether a body is declared as Avro."""
    return [
        Event(
            sequence_number=number,
            enqueued_at=BEGAN_AT + timedelta(seconds=number),
            body=body,
            content_type="avro/binary" if is_avro else None,
        )
        for number, (body, is_avro) in enumerate(bodies)
    ]


def find_difference(contract: Contract, bodies: Sequence[tuple[bytes, bool]]) -> Difference | None:
    """Encode all at once; if the results differ, find the event."""
    # Imported here: tests of the reference use this module too, even without the native core.
    from shared.encoding.native_encoder import NativeEncoder

    encoders = ReferenceEncoder(contract), NativeEncoder(contract)
    if not _differ(encoders, bodies):
        return None
    body, is_avro = next((one for one in bodies if _differ(encoders, [one])), bodies[0])
    body = _smallest(encoders, body, is_avro)
    reference, native = (_encoded(encoder, [(body, is_avro)]) for encoder in encoders)
    return Difference(body=body, is_avro=is_avro, reference=reference, native=native)


def _differ(
    encoders: tuple[RecordEncoder, RecordEncoder], bodies: Sequence[tuple[bytes, bool]]
) -> bool:
    reference, native = (_encoded(encoder, bodies) for encoder in encoders)
    return reference != native


def _encoded(encoder: RecordEncoder, bodies: Sequence[tuple[bytes, bool]]) -> EncodedRecords | str:
    """The encoder's result, or its error: an error is a difference too, so the search goes on."""
    try:
        return encoder.encode(to_events(bodies), ORIGIN)
    except Exception as error:
        return f"{type(encoder).__name__} raised {error!r}"


def _smallest(encoders: tuple[RecordEncoder, RecordEncoder], body: bytes, is_avro: bool) -> bytes:
    """Cut out what the difference does not need."""
    size = max(1, len(body) // 2)
    while size:
        start = 0
        while start < len(body):
            shorter = body[:start] + body[start + size :]
            if _differ(encoders, [(shorter, is_avro)]):
                body = shorter
            else:
                start += size
        size //= 2
    return body

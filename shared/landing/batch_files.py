"""From the new events of a batch to the files that hold them: pure, and deterministic."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.contracts.catalog import ContractCatalog
from shared.contracts.contract import Contract, ContractId
from shared.contracts.origin import Origin
from shared.encoding.compression import Codec
from shared.encoding.container_file import encode_bronze, encode_quarantine
from shared.encoding.judging import RejectedEvent
from shared.encoding.reference_encoder import EncoderOf, ReferenceEncoder
from shared.hub.address import GenerationAddress
from shared.hub.events import Event
from shared.hub.sequence_range import SequenceRange
from shared.landing.path import LandingPath
from shared.ledger.batch import Counts, LandedFile
from shared.values.rejection import Rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedFile:
    """A file of the batch, and its bytes."""

    file: LandedFile
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedBatch:
    """The files of a batch, one for each contract and one for the quarantine, and the counts."""

    batch_id: str
    files: tuple[EncodedFile, ...]
    counts: Mapping[str, Counts]


def encode_batch(
    events: Sequence[Event],
    place: GenerationAddress,
    contracts: ContractCatalog,
    codec: Codec,
    *,
    encoder_of: EncoderOf = ReferenceEncoder,
    redrive_of: int | None = None,
) -> EncodedBatch:
    """Judge and encode events that are new to a generation; there must be at least one.

    A redrive's events were quarantined by commits up to `redrive_of`; its batch id says so.
    """
    span = SequenceRange(first=events[0].sequence_number, last=events[-1].sequence_number)
    batch_id = place.partition.batch_id(span.first, span.last)
    redrive = "" if redrive_of is None else f"/redrive-{redrive_of}"
    origin = Origin(place=place, batch_id=batch_id + redrive)
    rejected, held_to = _by_contract(events, contracts)
    files: list[EncodedFile] = []
    landed: dict[str, int] = {}
    for contract, indices in held_to:
        encoded = encoder_of(contract).encode([events[index] for index in indices], origin)
        for at, rejection in encoded.rejections.items():
            rejected[indices[at]] = RejectedEvent(
                event=events[indices[at]], contract=contract.id, rejection=rejection
            )
        if encoded.blocks:
            records = sum(block.count for block in encoded.blocks)
            landed[str(contract.id)] = records
            data = encode_bronze(encoded.blocks, contract, origin, codec)
            files.append(_file(origin, span, events[0], contract.id, records, data))
    kept = [rejected[index] for index in sorted(rejected)]
    if kept:
        data = encode_quarantine(kept, origin, codec)
        files.append(_file(origin, span, events[0], None, len(kept), data))
    return EncodedBatch(batch_id=origin.batch_id, files=tuple(files), counts=_count(landed, kept))


def _by_contract(
    events: Sequence[Event], contracts: ContractCatalog
) -> tuple[dict[int, RejectedEvent], list[tuple[Contract, list[int]]]]:
    """Group the events by contract, by index; reject those without a known contract."""
    rejected: dict[int, RejectedEvent] = {}
    groups: dict[int, tuple[Contract, list[int]]] = {}
    for index, event in enumerate(events):
        contract = contracts.resolve(event)
        if isinstance(contract, Rejection):
            rejected[index] = RejectedEvent(event=event, contract=None, rejection=contract)
        elif id(contract) in groups:
            groups[id(contract)][1].append(index)
        else:
            groups[id(contract)] = (contract, [index])
    return rejected, sorted(groups.values(), key=lambda group: group[0].id)


def _file(
    origin: Origin,
    span: SequenceRange,
    first: Event,
    contract: ContractId | None,
    records: int,
    data: bytes,
) -> EncodedFile:
    sha256 = hashlib.sha256(data).hexdigest()
    path = LandingPath(
        contract=contract,
        enqueued_at=first.enqueued_at,
        address=origin.place.partition,
        generation=origin.place.generation,
        range=span,
        digest=sha256[:8],
    )
    file = LandedFile(
        path=str(path),
        contract=str(contract or ""),
        records=records,
        bytes=len(data),
        sha256=sha256,
    )
    return EncodedFile(file=file, data=data)


def _count(landed: Mapping[str, int], rejected: Sequence[RejectedEvent]) -> dict[str, Counts]:
    reasons: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for item in rejected:
        reasons[str(item.contract or "")][item.rejection.reason.value] += 1
    return {
        name: Counts(
            landed=landed.get(name, 0),
            quarantined=reasons.get(name, Counter()).total(),
            reasons=dict(sorted(reasons.get(name, Counter()).items())),
        )
        for name in sorted({*landed, *reasons})
    }

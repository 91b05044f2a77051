"""From the new events of a batch to the files that hold them: pure, and the same each time."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from shared.container_file import Codec, Origin, encode_bronze, encode_quarantine
from shared.contracts import Contract, ContractId, Contracts
from shared.events import Event, SequenceRange
from shared.judgement import AcceptedEvent, RejectedEvent, judge
from shared.landing_path import LandingPath
from shared.ledger import Counts, LandedFile, PartitionState


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


def batch_id(hub: str, partition_id: str, first: int, last: int) -> str:
    """The one id of a batch in paths, files, the ledger and logs."""
    return f"{hub}/p{int(partition_id):03d}/{first}-{last}"


def encode_batch(
    events: Sequence[Event],
    state: PartitionState,
    contracts: Contracts,
    codec: Codec,
    *,
    redrive_of: int | None = None,
) -> EncodedBatch:
    """Judge and encode the events, never empty, that are new to a partition in this state.

    A redrive's come from the quarantine, of commits up to `redrive_of`; its id says so.
    """
    judged = [judge(event, contracts) for event in events]
    accepted = [item for item in judged if isinstance(item, AcceptedEvent)]
    rejected = [item for item in judged if isinstance(item, RejectedEvent)]
    span = SequenceRange(first=events[0].sequence_number, last=events[-1].sequence_number)
    origin = Origin(
        hub=state.hub,
        partition_id=state.partition_id,
        generation=state.generation,
        batch_id=batch_id(state.hub, state.partition_id, span.first, span.last)
        + ("" if redrive_of is None else f"/redrive-{redrive_of}"),
    )
    files = [
        _file(origin, span, events[0], contract.id, len(group), data)
        for contract, group in _by_contract(accepted)
        for data in (encode_bronze(group, contract, origin, codec),)
    ]
    if rejected:
        data = encode_quarantine(rejected, origin, codec)
        files.append(_file(origin, span, events[0], None, len(rejected), data))
    return EncodedBatch(
        batch_id=origin.batch_id, files=tuple(files), counts=_count(accepted, rejected)
    )


def _by_contract(
    accepted: Sequence[AcceptedEvent],
) -> list[tuple[Contract, list[AcceptedEvent]]]:
    ordered = sorted(accepted, key=lambda item: _order(item.contract.id))
    groups = groupby(ordered, key=lambda item: _order(item.contract.id))
    return [(group[0].contract, group) for _, items in groups for group in (list(items),)]


def _order(contract_id: ContractId) -> tuple[str, int]:
    return contract_id.name, contract_id.version


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
        hub=origin.hub,
        partition_id=origin.partition_id,
        generation=origin.generation,
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


def _count(
    accepted: Sequence[AcceptedEvent], rejected: Sequence[RejectedEvent]
) -> dict[str, Counts]:
    landed = Counter(str(item.contract.id) for item in accepted)
    reasons: dict[str, Counter[str]] = {}
    for item in rejected:
        reasons.setdefault(str(item.contract or ""), Counter())[item.rejection.reason.value] += 1
    return {
        name: Counts(
            landed=landed[name],
            quarantined=reasons.get(name, Counter()).total(),
            reasons=dict(sorted(reasons.get(name, Counter()).items())),
        )
        for name in sorted({*landed, *reasons})
    }

"""The ledger's values as table entities, and back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.adapters.documents import entity, parse_document
from shared.hub.sequence_range import SequenceRange
from shared.ledger.batch import CommittedBatch, LandedFile
from shared.ledger.counts import Counts
from shared.ledger.partition import Gap, GapState, PartitionState

HEAD = "head"
INDEX = "heads"


def partition_key(hub: str, partition_id: str) -> str:
    """All of a partition's rows share it, so that one transaction can hold them."""
    return f"{hub}:{int(partition_id):05d}"


def batch_key(generation: int, first: int) -> str:
    """Batches sort by generation and first sequence number."""
    return f"batch:{generation:05d}:{first:020d}"


def redrive_key(batch: str, number: int) -> str:
    """Redrives sort behind the batch, if any, that begins with the same sequence number."""
    return f"{batch}:{number:020d}"


def commit_key(number: int) -> str:
    """Commits sort by the order in which they were made."""
    return f"commit:{number:020d}"


def closed_key(generation: int) -> str:
    """The last state of a generation that has ended."""
    return f"closed:{generation:05d}"


def state_entity(state: PartitionState, row_key: str) -> dict[str, Any]:
    """A partition's state as an entity."""
    return entity(partition_key(state.hub, state.partition_id), row_key, _state_document(state))


def parse_state(row: Mapping[str, Any]) -> PartitionState:
    """Read a state back."""
    return _parse_state_document(parse_document(row))


def _state_document(state: PartitionState) -> dict[str, Any]:
    return {
        "hub": state.hub,
        "partition_id": state.partition_id,
        "generation": state.generation,
        "start": state.start,
        "head": state.head,
        "head_enqueued_at": _text(state.head_enqueued_at),
        "gaps": [
            [gap.range.first, gap.range.last, gap.state.value, _text(gap.since)]
            for gap in state.gaps
        ],
        "duplicates": state.duplicates,
        "commits": state.commits,
        "counts": _counts_document(state.counts),
        "earliest_enqueued_at": _text(state.earliest_enqueued_at),
        "latest_enqueued_at": _text(state.latest_enqueued_at),
        "hub_created_at": _text(state.hub_created_at),
        "ended": [_state_document(ended) for ended in state.ended],
        "redriving": list(state.redriving),
        "last_enqueued": state.last_enqueued,
    }


def _parse_state_document(document: Mapping[str, Any]) -> PartitionState:
    """Rows from before the last six fields were written have none of them."""
    return PartitionState(
        hub=document["hub"],
        partition_id=document["partition_id"],
        generation=document["generation"],
        start=document["start"],
        head=document["head"],
        head_enqueued_at=_parse_time(document["head_enqueued_at"]),
        gaps=tuple(
            Gap(
                range=SequenceRange(first=first, last=last),
                state=GapState(state),
                since=datetime.fromisoformat(since),
            )
            for first, last, state, since in document["gaps"]
        ),
        duplicates=document["duplicates"],
        commits=document["commits"],
        counts=_parse_counts(document["counts"]),
        earliest_enqueued_at=_parse_time(document.get("earliest_enqueued_at")),
        latest_enqueued_at=_parse_time(document.get("latest_enqueued_at")),
        hub_created_at=_parse_time(document.get("hub_created_at")),
        ended=tuple(_parse_state_document(ended) for ended in document.get("ended", ())),
        redriving=tuple(document.get("redriving", ())),
        last_enqueued=document.get("last_enqueued", -1),
    )


def batch_entities(batch: CommittedBatch) -> list[dict[str, Any]]:
    """A committed batch as two entities: one by sequence number, one by commit number."""
    document = {
        "batch_id": batch.batch_id,
        "number": batch.number,
        "hub": batch.hub,
        "partition_id": batch.partition_id,
        "generation": batch.generation,
        "ranges": [[part.first, part.last] for part in batch.ranges],
        "files": [
            [file.path, file.contract, file.records, file.bytes, file.sha256]
            for file in batch.files
        ],
        "counts": _counts_document(batch.counts),
        "first_enqueued_at": _text(batch.first_enqueued_at),
        "last_enqueued_at": _text(batch.last_enqueued_at),
        "committed_at": _text(batch.committed_at),
        "is_redrive": batch.is_redrive,
    }
    key = partition_key(batch.hub, batch.partition_id)
    by_number = batch_key(batch.generation, batch.ranges[0].first)
    if batch.is_redrive:
        by_number = redrive_key(by_number, batch.number)
    row_keys = (by_number, commit_key(batch.number))
    return [entity(key, row_key, document) for row_key in row_keys]


def parse_batch(row: Mapping[str, Any]) -> CommittedBatch:
    """Read a committed batch back."""
    document = parse_document(row)
    return CommittedBatch(
        batch_id=document["batch_id"],
        number=document["number"],
        hub=document["hub"],
        partition_id=document["partition_id"],
        generation=document["generation"],
        ranges=tuple(SequenceRange(first=a, last=b) for a, b in document["ranges"]),
        files=tuple(
            LandedFile(path=path, contract=contract, records=records, bytes=size, sha256=sha256)
            for path, contract, records, size, sha256 in document["files"]
        ),
        counts=_parse_counts(document["counts"]),
        first_enqueued_at=datetime.fromisoformat(document["first_enqueued_at"]),
        last_enqueued_at=datetime.fromisoformat(document["last_enqueued_at"]),
        committed_at=datetime.fromisoformat(document["committed_at"]),
        is_redrive=document.get("is_redrive", False),
    )


def _counts_document(counts: Mapping[str, Counts]) -> dict[str, Any]:
    return {
        name: [count.landed, count.quarantined, dict(count.reasons)]
        for name, count in counts.items()
    }


def _parse_counts(document: Mapping[str, Any]) -> dict[str, Counts]:
    return {
        name: Counts(landed=landed, quarantined=quarantined, reasons=reasons)
        for name, (landed, quarantined, reasons) in document.items()
    }


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _parse_time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

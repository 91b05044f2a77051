"""The ledger's values as table entities, and back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.adapters.documents import FORMAT, entity, parse_document
from shared.errors import require_format
from shared.hub.address import PartitionAddress
from shared.hub.sequence_range import SequenceRange
from shared.ledger.batch import CommittedBatch, Counts, LandedFile
from shared.ledger.partition import Gap, GapState, Generation, Partition

# Raise it when an older reader would misread what is written.
LEDGER_FORMAT = 1
HEAD = "head"
INDEX = "heads"


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


def index_entity(address: PartitionAddress) -> dict[str, Any]:
    """The row by which a partition is found."""
    return {
        "PartitionKey": INDEX,
        "RowKey": address.table_key,
        FORMAT: LEDGER_FORMAT,
        "hub": address.hub,
        "partition_id": address.partition_id,
    }


def parse_index(row: Mapping[str, Any]) -> PartitionAddress:
    """Read an index row back; raises UnreadableFormatError for a newer format."""
    require_format(row.get(FORMAT, 1), LEDGER_FORMAT, row=f"{INDEX} {row['RowKey']}")
    return _parse_address(row)


def index_query() -> str:
    """What finds every partition's index row."""
    return f"PartitionKey eq '{INDEX}'"


def head_entity(partition: Partition) -> dict[str, Any]:
    """A partition's head as an entity: its current generation, with those that ended inside."""
    ended = [_generation_document(partition, known) for known in partition.ended]
    document = _generation_document(partition, partition.current) | {"ended": ended}
    return _entity(partition.address, HEAD, document)


def closed_entity(partition: Partition, closed: Generation) -> dict[str, Any]:
    """A generation as it ended, as an entity of its own."""
    document = _generation_document(partition, closed)
    return _entity(partition.address, closed_key(closed.number), document)


def parse_head(row: Mapping[str, Any]) -> Partition:
    """Read a partition back; raises UnreadableFormatError for a newer format."""
    document = parse_document(row, LEDGER_FORMAT)
    return Partition(
        address=_parse_address(document),
        current=_parse_generation(document),
        ended=tuple(map(_parse_generation, document.get("ended", ()))),
        commits=document["commits"],
    )


def parse_closed(row: Mapping[str, Any]) -> Generation:
    """Read an ended generation back; raises UnreadableFormatError for a newer format."""
    return _parse_generation(parse_document(row, LEDGER_FORMAT))


def _entity(address: PartitionAddress, row_key: str, document: Mapping[str, Any]) -> dict[str, Any]:
    return entity(address.table_key, row_key, document, LEDGER_FORMAT)


def _generation_document(partition: Partition, generation: Generation) -> dict[str, Any]:
    """Each generation's document is whole, as the first format has it."""
    return {
        "hub": partition.address.hub,
        "partition_id": partition.address.partition_id,
        "generation": generation.number,
        "start": generation.start,
        "head": generation.head,
        "head_enqueued_at": _text(generation.head_enqueued_at),
        "gaps": [
            [gap.range.first, gap.range.last, gap.state.value, _text(gap.since)]
            for gap in generation.gaps
        ],
        "duplicates": generation.duplicates,
        "commits": partition.commits,
        "counts": _counts_document(generation.counts),
        "earliest_enqueued_at": _text(generation.earliest_enqueued_at),
        "latest_enqueued_at": _text(generation.latest_enqueued_at),
        "hub_created_at": _text(generation.hub_created_at),
        "ended": [],
        "redriving": list(generation.redriving),
        "last_enqueued": generation.last_enqueued,
    }


def _parse_address(document: Mapping[str, Any]) -> PartitionAddress:
    return PartitionAddress(hub=document["hub"], partition_id=document["partition_id"])


def _parse_generation(document: Mapping[str, Any]) -> Generation:
    """Rows from before the last five fields were written have none of them."""
    return Generation(
        number=document["generation"],
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
        counts=_parse_counts(document["counts"]),
        earliest_enqueued_at=_parse_time(document.get("earliest_enqueued_at")),
        latest_enqueued_at=_parse_time(document.get("latest_enqueued_at")),
        hub_created_at=_parse_time(document.get("hub_created_at")),
        redriving=tuple(document.get("redriving", ())),
        last_enqueued=document.get("last_enqueued", -1),
    )


def batch_entities(batch: CommittedBatch) -> list[dict[str, Any]]:
    """A committed batch as two entities: one by sequence number, one by commit number."""
    document = {
        "batch_id": batch.batch_id,
        "number": batch.number,
        "hub": batch.address.hub,
        "partition_id": batch.address.partition_id,
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
    by_number = batch_key(batch.generation, batch.span.first)
    if batch.is_redrive:
        by_number = redrive_key(by_number, batch.number)
    row_keys = (by_number, commit_key(batch.number))
    return [_entity(batch.address, row_key, document) for row_key in row_keys]


def parse_batch(row: Mapping[str, Any]) -> CommittedBatch:
    """Read a committed batch back; raises UnreadableFormatError for a newer format."""
    document = parse_document(row, LEDGER_FORMAT)
    return CommittedBatch(
        batch_id=document["batch_id"],
        number=document["number"],
        address=_parse_address(document),
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

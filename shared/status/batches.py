"""A page of committed batches, as `GET /api/batches` asks for it and shows it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.errors import BadRequestError
from shared.ledger.batch import CommittedBatch

DEFAULT_LIMIT, HIGHEST_LIMIT = 100, 1000
HUB_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchesQuery:
    """Which batches are asked for; without a hub, those of the service's own."""

    hub: str | None
    partition_id: str
    from_sequence_number: int
    limit: int


def parse_batches_query(parameters: Mapping[str, str]) -> BatchesQuery:
    """Read the query's parameters; raises BadRequestError for what makes no sense."""
    hub = parameters.get("hub") or None
    if hub is not None and not HUB_NAME.fullmatch(hub):
        message = "parameter 'hub' must be the name of a hub"
        raise BadRequestError(message)
    return BatchesQuery(
        hub=hub,
        partition_id=str(_number(parameters, "partition", None, range(2**31))),
        from_sequence_number=_number(parameters, "from", 0, range(2**63 - 1)),
        limit=_number(parameters, "limit", DEFAULT_LIMIT, range(1, HIGHEST_LIMIT + 1)),
    )


def _number(parameters: Mapping[str, str], name: str, default: int | None, allowed: range) -> int:
    text = parameters.get(name, "")
    if not text and default is not None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 20 and int(text) in allowed):
        message = f"parameter {name!r} must be a number from {allowed[0]} to {allowed[-1]}"
        raise BadRequestError(message)
    return int(text)


def batches_document(
    query: BatchesQuery, batches: Sequence[CommittedBatch]
) -> Mapping[str, object]:
    """The page as JSON; `next` is the `from` of the next page, null on the last."""
    is_full = len(batches) >= query.limit
    return {
        "batches": [_batch_document(batch) for batch in batches],
        "next": batches[-1].ranges[0].first + 1 if is_full else None,
    }


def _batch_document(batch: CommittedBatch) -> Mapping[str, object]:
    return {
        "batch_id": batch.batch_id,
        "hub": batch.address.hub,
        "partition_id": batch.address.partition_id,
        "generation": batch.generation,
        "is_redrive": batch.is_redrive,
        "first": batch.span.first,
        "last": batch.span.last,
        "ranges": [{"first": part.first, "last": part.last} for part in batch.ranges],
        "landed": sum(count.landed for count in batch.counts.values()),
        "quarantined": sum(count.quarantined for count in batch.counts.values()),
        "first_enqueued_at": batch.first_enqueued_at.isoformat(),
        "last_enqueued_at": batch.last_enqueued_at.isoformat(),
        "committed_at": batch.committed_at.isoformat(),
        "files": [
            {
                "path": file.path,
                "contract": file.contract or None,
                "records": file.records,
                "bytes": file.bytes,
                "sha256": file.sha256,
            }
            for file in batch.files
        ],
    }

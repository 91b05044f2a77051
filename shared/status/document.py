"""The status as the JSON that the public surface promises."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from shared.encoding.encoder_choice import core_document
from shared.landing.circuit_breaker import Outage
from shared.status.pipeline import PartitionStatus, PipelineStatus
from shared.status.work import WorkStatus


def status_document(status: PipelineStatus) -> Mapping[str, object]:
    """The status as the JSON that the public surface promises."""
    totals = status.totals
    return {
        "state": status.state,
        "as_of": status.as_of.isoformat(),
        "reasons": list(status.reasons),
        "outage": _outage_document(status.outage),
        "core": core_document(status.core) if status.core else None,
        "ingest": {
            "totals": {
                "events": totals.events,
                "landed": totals.landed,
                "quarantined": totals.quarantined,
                "duplicates": totals.duplicates,
                "missing": totals.missing,
                "lost": totals.lost,
                "unacknowledged": totals.unacknowledged,
            },
            "partitions": [_partition_document(item) for item in status.partitions],
        },
        "contracts": [
            {
                "name": item.name,
                "version": item.version,
                "landed": item.counts.landed,
                "quarantined": item.counts.quarantined,
                "reasons": dict(item.counts.reasons),
            }
            for item in status.contracts
        ],
        "transform": transform_document(status.work, status.as_of),
        "dropzone": dropzone_document(status.work),
    }


def _outage_document(outage: Outage | None) -> Mapping[str, object] | None:
    if outage is None:
        return None
    return {"dependency": outage.dependency.value, "since": outage.since.isoformat()}


def _partition_document(item: PartitionStatus) -> Mapping[str, object]:
    return {
        "hub": item.address.hub,
        "partition_id": item.address.partition_id,
        "generation": item.generation,
        "start": item.start,
        "head": item.head,
        "last_enqueued": item.last_enqueued,
        "lag_events": item.lag_events,
        "lag_seconds": item.lag_seconds,
        "gaps": [
            {"first": gap.range.first, "last": gap.range.last, "state": gap.state.value}
            for gap in item.gaps
        ],
    }


def transform_document(status: WorkStatus, as_of: datetime) -> Mapping[str, object]:
    """The status's `transform` as JSON."""
    since = status.oldest_pending_at
    return {
        "pending_batches": status.pending_batches,
        "oldest_pending_seconds": max(0.0, (as_of - since).total_seconds()) if since else None,
        "runs": [
            {
                "run_id": work.run_id,
                "window": work.work_id,
                "contract": work.contract,
                "state": work.state.value,
                "attempt": work.attempt,
                "submitted_at": _text(work.submitted_at),
                "ended_at": _text(work.ended_at),
                "rows_in": work.figures.rows_in,
                "rows_out": work.figures.rows_out,
                "url": work.url,
                "error": work.error,
            }
            for work in status.windows
        ],
    }


def dropzone_document(status: WorkStatus) -> Sequence[Mapping[str, object]]:
    """The status's `dropzone` as JSON."""
    return [
        {
            "path": work.source,
            "contract": work.contract,
            "state": work.state.value,
            "run_id": work.run_id,
            "rows_in": work.figures.rows_in,
            "rows_out": work.figures.rows_out,
            "rows_quarantined": work.figures.rows_quarantined,
            "error": work.error,
        }
        for work in status.uploads
    ]


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None

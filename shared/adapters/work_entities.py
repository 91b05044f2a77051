"""The transform's values as table entities, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from shared.adapters.documents import entity, parse_document
from shared.transform.windows import Backlog
from shared.transform.work import RunFigures, Work, WorkKind, WorkState

TRANSFORM = "transform"
BACKLOG = "backlog"
ACTIVE, ENDED, SEEN = "active:", "ended:", "seen:"
LATEST_SECOND = 10**11


def backlog_entity(backlog: Backlog) -> dict[str, Any]:
    """The backlog as an entity."""
    document = {
        "scanned": dict(backlog.scanned),
        "held": {contract: dict(planned) for contract, planned in backlog.held.items()},
        "pending_batches": backlog.pending_batches,
        "oldest_pending_at": _text(backlog.oldest_pending_at),
    }
    return entity(TRANSFORM, BACKLOG, document)


def parse_backlog(row: Mapping[str, Any]) -> Backlog:
    """Read the backlog back."""
    document = parse_document(row)
    return Backlog(
        scanned=document["scanned"],
        held=document["held"],
        pending_batches=document["pending_batches"],
        oldest_pending_at=_time(document["oldest_pending_at"]),
    )


def active_key(work: Work) -> str:
    """Work that is not final, the oldest first."""
    return f"{ACTIVE}{work.created_at.timestamp():017.6f}:{work.work_id}"


def ended_key(work: Work) -> str:
    """Work that is final, the newest first."""
    age = LATEST_SECOND - work.created_at.timestamp()
    return f"{ended_prefix(work.kind)}{age:018.6f}:{work.work_id}"


def ended_prefix(kind: WorkKind) -> str:
    """What the rows of a kind's ended work begin with."""
    return f"{ENDED}{kind}:"


def seen_entity(work: Work) -> dict[str, Any]:
    """The mark that makes a second try to add the same work fail."""
    return {"PartitionKey": TRANSFORM, "RowKey": f"{SEEN}{work.work_id}"}


def work_entity(work: Work) -> dict[str, Any]:
    """A piece of work as an entity, among the active or the ended."""
    document = asdict(work) | {
        "state": work.state.value,
        **{name: _text(getattr(work, name)) for name in TIMES},
    }
    return entity(TRANSFORM, ended_key(work) if work.is_final else active_key(work), document)


def parse_work(row: Mapping[str, Any]) -> Work:
    """Read a piece of work back."""
    document = parse_document(row)
    times = {name: _time(document[name]) for name in TIMES}
    figures = RunFigures(**document["figures"])
    return Work(**document | times | {"figures": figures, "state": WorkState(document["state"])})


TIMES = ("created_at", "not_before", "submitted_at", "ended_at")


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

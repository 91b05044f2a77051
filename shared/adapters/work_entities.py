"""The transform's values as table entities, and back."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from shared.adapters.documents import FORMAT, entity, parse_document
from shared.hub.address import PartitionAddress
from shared.transform.windows import Backlog, Positions
from shared.transform.work import RunFigures, Work, WorkKind, WorkState

# Raise it when an older reader would misread what is written.
WORK_FORMAT = 1
TRANSFORM = "transform"
BACKLOG = "backlog"
ACTIVE, ENDED, FAILED, SEEN = "active:", "ended:", "failed:", "seen:"
LATEST_SECOND = 10**11


def backlog_entity(backlog: Backlog) -> dict[str, Any]:
    """The backlog as an entity."""
    document = {
        "scanned": _positions_document(backlog.scanned),
        "held": {
            contract: _positions_document(planned) for contract, planned in backlog.held.items()
        },
        "pending_batches": backlog.pending_batches,
        "oldest_pending_at": _text(backlog.oldest_pending_at),
    }
    return entity(TRANSFORM, BACKLOG, document, WORK_FORMAT)


def parse_backlog(row: Mapping[str, Any]) -> Backlog:
    """Read the backlog back; raises UnreadableFormatError for a newer format."""
    document = parse_document(row, WORK_FORMAT)
    return Backlog(
        scanned=_parse_positions(document["scanned"]),
        held={
            contract: _parse_positions(planned) for contract, planned in document["held"].items()
        },
        pending_batches=document["pending_batches"],
        oldest_pending_at=_time(document["oldest_pending_at"]),
    )


def _positions_document(positions: Positions) -> dict[str, int]:
    """The row's own spelling of an address, `hub/3`, since the first format."""
    return {f"{at.hub}/{at.partition_id}": number for at, number in positions.items()}


def _parse_positions(document: Mapping[str, int]) -> dict[PartitionAddress, int]:
    named = ((text.rpartition("/"), number) for text, number in document.items())
    return {
        PartitionAddress(hub=hub, partition_id=partition_id): number
        for (hub, _, partition_id), number in named
    }


def active_key(work: Work) -> str:
    """Work that is not final, the oldest first."""
    return f"{ACTIVE}{work.created_at.timestamp():017.6f}:{work.work_id}"


def ended_key(work: Work) -> str:
    """Work that is final, the newest first."""
    return f"{ended_prefix(work.kind)}{_newest_first(work)}"


def failed_key(work: Work) -> str:
    """Work that waits for a person, the newest first."""
    return f"{failed_prefix(work.kind)}{_newest_first(work)}"


def key_of(work: Work) -> str:
    """Where the work stands, by its state."""
    if work.waits_for_person:
        return failed_key(work)
    return ended_key(work) if work.is_final else active_key(work)


def _newest_first(work: Work) -> str:
    age = LATEST_SECOND - work.created_at.timestamp()
    return f"{age:018.6f}:{work.work_id}"


def failed_prefix(kind: WorkKind) -> str:
    """What the rows of a kind's failed work begin with."""
    return f"{FAILED}{kind}:"


def ended_prefix(kind: WorkKind) -> str:
    """The prefix of the keys of a kind's ended work."""
    return f"{ENDED}{kind}:"


def seen_entity(work: Work) -> dict[str, Any]:
    """The mark that makes a second try to add the same work fail."""
    return {"PartitionKey": TRANSFORM, "RowKey": f"{SEEN}{work.work_id}", FORMAT: WORK_FORMAT}


def work_entity(work: Work) -> dict[str, Any]:
    """A piece of work as an entity, among the active, the failed or the ended."""
    document = asdict(work) | {
        "state": work.state.value,
        **{name: _text(getattr(work, name)) for name in TIMES},
    }
    # Earlier versions read these rows too, as long as nothing is in them that they do not know.
    if work.submission == work.attempt:
        del document["submission"]
    if not work.interruptions:
        del document["interruptions"]
    return entity(TRANSFORM, key_of(work), document, WORK_FORMAT)


def parse_work(row: Mapping[str, Any]) -> Work:
    """Read a piece of work back; raises UnreadableFormatError for a newer format."""
    document = _known(Work, parse_document(row, WORK_FORMAT))
    # Where no submission is counted, each attempt was one.
    document.setdefault("submission", document["attempt"])
    times = {name: _time(document[name]) for name in TIMES}
    figures = RunFigures(**_known(RunFigures, document["figures"]))
    return Work(**document | times | {"figures": figures, "state": WorkState(document["state"])})


def _known(value: type[Work | RunFigures], document: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what a newer version has added."""
    names = {item.name for item in fields(value)}
    return {name: item for name, item in document.items() if name in names}


TIMES = ("created_at", "not_before", "submitted_at", "ended_at")


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

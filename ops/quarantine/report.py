"""The quarantine as a person reads it, and as JSON."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from ops.quarantine.events import QuarantinedEvent
from ops.quarantine.redrive import Redrive

HEADINGS = ("contract", "reason", "quarantined", "redriven", "first enqueued", "last enqueued")


@dataclass(kw_only=True)
class Group:
    """The events of one contract and reason: still kept, and landed by a redrive since."""

    #: What its events were held against.
    contract: str
    #: Their reason code.
    reason: str
    #: When its first event entered the hub.
    first_enqueued_at: datetime
    #: When its last event entered the hub.
    last_enqueued_at: datetime
    #: Events that are still kept.
    quarantined: int = 0
    #: Events that a redrive has landed since.
    redriven: int = 0

    def add(self, item: QuarantinedEvent) -> None:
        """Count one more."""
        self.quarantined += item.redriven_by is None
        self.redriven += item.redriven_by is not None
        self.first_enqueued_at = min(self.first_enqueued_at, item.event.enqueued_at)
        self.last_enqueued_at = max(self.last_enqueued_at, item.event.enqueued_at)


def group_events(items: Iterable[QuarantinedEvent]) -> Sequence[Group]:
    """Count by contract and reason; memory grows only with the number of groups."""
    groups: dict[tuple[str, str], Group] = {}
    for item in items:
        at = item.event.enqueued_at
        new = Group(
            contract=item.contract, reason=item.reason, first_enqueued_at=at, last_enqueued_at=at
        )
        groups.setdefault((item.contract, item.reason), new).add(item)
    return [group for _, group in sorted(groups.items())]


def group_lines(groups: Sequence[Group]) -> Iterator[str]:
    """A table, and the sum."""
    rows = [
        HEADINGS,
        *(
            (
                *(group.contract or "(none)", group.reason),
                *(f"{group.quarantined:,}", f"{group.redriven:,}"),
                *(group.first_enqueued_at.isoformat(), group.last_enqueued_at.isoformat()),
            )
            for group in groups
        ),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            text.rjust(width) if at in (2, 3) else text.ljust(width)
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
    yield ""
    quarantined = sum(group.quarantined for group in groups)
    yield f"{quarantined:,} events quarantined, {sum(g.redriven for g in groups):,} redriven"


def group_document(groups: Sequence[Group]) -> Mapping[str, object]:
    """The groups as JSON."""
    return {
        "groups": [
            {
                "contract": group.contract or None,
                "reason": group.reason,
                "quarantined": group.quarantined,
                "redriven": group.redriven,
                "first_enqueued_at": group.first_enqueued_at.isoformat(),
                "last_enqueued_at": group.last_enqueued_at.isoformat(),
            }
            for group in groups
        ]
    }


def event_lines(
    items: Iterable[QuarantinedEvent], *, as_json: bool, limit: int | None
) -> Iterator[str]:
    """One line for each event that is still kept, as it comes."""
    kept = (item for item in items if item.redriven_by is None)
    for item in islice(kept, limit):
        yield json.dumps(_event_document(item)) if as_json else _event_line(item)


def redrive_lines(done: Redrive) -> Iterator[str]:
    """What became of a selection."""
    for what, tally in (("landed", done.landed), ("still quarantined", done.kept)):
        yield f"{what:<18}{tally.total():>10,}"
        yield from _tally_lines(tally)
    if done.changed:
        yield f"{done.changed:,} of these for another reason, or at another field, than before"
    if done.overtaken:
        yield f"{done.overtaken:,} were settled by another redrive at the same time"


def _tally_lines(tally: Counter[tuple[str, str]]) -> Iterator[str]:
    for (contract, reason), number in sorted(tally.items()):
        name = " ".join(text for text in (contract or "(none)", reason) if text)
        yield f"  {name:<36}{number:>10,}"


def _event_line(item: QuarantinedEvent) -> str:
    at = f" at {item.field_path}" if item.field_path else ""
    why = f"{item.reason}{at}: {item.detail}"
    when = item.event.enqueued_at.isoformat()
    number = item.event.sequence_number
    return f"{item.place}  {number}  {when}  {item.contract or '(none)'}  {why}"


def _event_document(item: QuarantinedEvent) -> Mapping[str, object]:
    return {
        "hub": item.place.partition.hub,
        "partition_id": item.place.partition.partition_id,
        "generation": item.place.generation,
        "sequence_number": item.event.sequence_number,
        "enqueued_at": item.event.enqueued_at.isoformat(),
        "contract": item.contract or None,
        "reason": item.reason,
        "field_path": item.field_path,
        "detail": item.detail,
        "bytes": len(item.event.body),
        "file": item.file,
    }

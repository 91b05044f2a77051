"""The report of a run: as JSON for programs, and as a few lines for people."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from producer.tally import SentTally


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run was asked to do, and what became of it."""

    #: The contract that events were sent as.
    contract: str
    #: Where they were sent to.
    hub: str
    #: What was sent.
    source: str
    #: How bodies were written.
    body_format: str
    #: What repeats the run.
    seed: int
    #: How long it took.
    seconds: float
    #: What ended it early; None where nothing did.
    error: str | None
    #: What became of the events.
    tally: SentTally

    @property
    def complete(self) -> bool:
        """Whether every event of the source is in the hub."""
        return self.error is None and not self.tally.refused and not self.tally.open

    def document(self) -> dict[str, Any]:
        """The report as JSON values."""
        tally = self.tally
        return {
            "contract": self.contract,
            "hub": self.hub,
            "source": self.source,
            "format": self.body_format,
            "seed": self.seed,
            "complete": self.complete,
            "error": self.error,
            "sent": tally.sent,
            "good": tally.sent - len(tally.bad_events),
            "bad": len(tally.bad_events),
            "bad_by_reason": dict(sorted(Counter(bad.reason for bad in tally.bad_events).items())),
            "partitions": {name: tally.per_partition[name] for name in self._partition_ids()},
            "refused": [asdict(event) for event in tally.refused],
            "unsent": {
                "count": len(tally.open),
                "indexes": [[part.first, part.last] for part in tally.unsent],
            },
            "taken": tally.taken,
            "throttled": tally.throttled_count,
            "resends": {
                "batches": tally.resent_batches,
                "events": tally.resent_events,
                "possible_duplicates": tally.possible_duplicates,
            },
            "seconds": round(self.seconds, 3),
            "events_per_second": round(tally.sent / self.seconds, 1) if self.seconds else None,
            "bad_events": [asdict(bad) for bad in sorted(tally.bad_events, key=lambda b: b.index)],
        }

    def write(self, path: Path) -> None:
        """Write the report, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f"{path.name}.new")
        new.write_text(json.dumps(self.document(), indent=2) + "\n", encoding="utf-8")
        new.replace(path)

    def lines(self) -> Iterator[str]:
        """The totals, as a person reads them."""
        tally, document = self.tally, self.document()
        rate = document["events_per_second"] or 0
        yield f"sent {tally.sent:,} of {self.contract} to {self.hub}"
        yield f"  in {self.seconds:.1f} s ({rate:,.0f} events/s), seed {self.seed}"
        for partition_id in self._partition_ids():
            yield f"  partition {partition_id:>3} {tally.per_partition[partition_id]:>12,}"
        yield f"  good          {document['good']:>12,}"
        yield f"  known bad     {document['bad']:>12,}"
        for reason, count in document["bad_by_reason"].items():
            yield f"    {reason:24} {count:>8,}"
        if tally.resent_batches:
            yield (
                f"  resent        {tally.resent_events:>12,}  in {tally.resent_batches} batches, "
                f"possibly duplicated {tally.possible_duplicates:,}"
            )

    def problems(self) -> Iterator[str]:
        """What went wrong; nothing where every event is in the hub."""
        if self.error is not None:
            yield f"{self.error}; {self.tally.sent:,} events were sent"
        for event in self.tally.refused[:10]:
            yield f"event {event.index} ({event.body_bytes:,} bytes) refused: {event.problem}"
        if len(self.tally.refused) > 10:
            yield f"and {len(self.tally.refused) - 10:,} more refused"
        if self.tally.open:
            ranges = ", ".join(f"{part.first}-{part.last}" for part in self.tally.unsent)
            yield f"not known to be sent: {len(self.tally.open):,} events, indexes {ranges}"
            yield f"not taken from the source: every event from index {self.tally.taken}"

    def _partition_ids(self) -> list[str]:
        return sorted(self.tally.per_partition, key=lambda name: (len(name), name))

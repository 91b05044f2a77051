"""Judge the redrives of a generation: each number was quarantined before, and lands once. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ops.audit.batches import BatchAudit
from ops.audit.problems import Kind, Problem
from ops.audit.ranges import Ranges, fold
from ops.audit.tallies import LANDED, Standing, Tally, differences, lay_flat
from shared.hub.sequence_range import SequenceRange, consecutive_ranges
from shared.ledger.batch import CommittedBatch


@dataclass(kw_only=True)
class RedrivenNumbers:
    """The standing of the numbers that redrives touched, by the files, commit by commit."""

    touched: Ranges = ()
    _standing: dict[int, Standing] = field(default_factory=dict)

    def add_batch(self, audit: BatchAudit) -> None:
        """Remember the standing in which a batch left the numbers that are redriven."""
        for standing, ranges in audit.quarantined.items():
            for number in _within(ranges, self.touched):
                self._standing[number] = standing

    def add_redrive(
        self, batch: CommittedBatch, audit: BatchAudit
    ) -> tuple[Tally, Sequence[Problem]]:
        """Move a redrive's numbers; returns how the counts change, and what is wrong."""
        change: Tally = Counter()
        strangers: list[int] = []
        twice: list[int] = []
        for standing, number in _stood_up(audit):
            before = self._standing.get(number)
            if before is None:
                strangers.append(number)
            elif before[1] == LANDED:
                twice.append(number)
            else:
                change[before] -= 1
            change[standing] += 1
            self._standing[number] = standing
        problems = [
            *_told(batch, Kind.REDRIVEN_TWICE, twice, "landed by a redrive before"),
            *_told(batch, Kind.REDRIVEN_UNQUARANTINED, strangers, "not quarantined before"),
        ]
        return change, [*problems, *_miscounted(batch, change)]


def touched_numbers(batches: Iterable[CommittedBatch]) -> Mapping[int, Ranges]:
    """The numbers that redrives touch, by generation."""
    ranges: dict[int, list[SequenceRange]] = {}
    for batch in batches:
        if batch.is_redrive:
            ranges.setdefault(batch.generation, []).extend(batch.ranges)
    return {generation: fold(found).covered for generation, found in ranges.items()}


def _stood_up(audit: BatchAudit) -> Iterator[tuple[Standing, int]]:
    for ranges_by in (audit.landed, audit.quarantined):
        for standing, ranges in ranges_by.items():
            for part in ranges:
                yield from ((standing, number) for number in range(part.first, part.last + 1))


def _within(ranges: Ranges, touched: Ranges) -> Iterator[int]:
    at = 0
    for part in ranges:
        while at < len(touched) and touched[at].last < part.first:
            at += 1
        for other in touched[at:]:
            if other.first > part.last:
                break
            both = part.intersection(other)
            if both:
                yield from range(both.first, both.last + 1)


def _told(batch: CommittedBatch, kind: Kind, numbers: Iterable[int], why: str) -> Iterator[Problem]:
    for part in consecutive_ranges(sorted(numbers)):
        detail = f"{why}, redrive {batch.batch_id} of commit {batch.number}"
        yield Problem(kind=kind, place=batch.place, range=part, detail=detail)


def _miscounted(batch: CommittedBatch, change: Tally) -> Iterator[Problem]:
    for detail in differences(lay_flat(batch.counts), change, who="the files say"):
        yield Problem(
            kind=Kind.BATCH_COUNT_DIFFERS,
            place=batch.place,
            range=batch.span,
            detail=f"redrive {batch.batch_id}: {detail}",
        )

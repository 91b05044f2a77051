"""Judge a partition: its generations against its batches and their files. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ops.audit.batches import BatchAudit
from ops.audit.problems import Kind, Problem
from ops.audit.ranges import Ranges, fold, subtract
from ops.audit.redrives import RedrivenNumbers
from ops.audit.tallies import Tally, differences, landed, lay_flat, quarantined
from shared.hub.address import GenerationAddress
from shared.hub.sequence_range import SequenceRange
from shared.ledger.batch import CommittedBatch
from shared.ledger.partition import GapState, Generation, Partition


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationAudit:
    """One line of the audit; landed and quarantined are what the files hold."""

    #: The generation.
    place: GenerationAddress
    #: As the head says.
    start: int
    #: As the head says.
    head: int
    #: Events in bronze files.
    landed: int = 0
    #: Events in quarantine files.
    quarantined: int = 0
    #: Numbers in open gaps.
    open: int = 0
    #: Numbers in lost gaps.
    lost: int = 0
    #: Files that could be read.
    files: int = 0
    #: Their size.
    bytes: int = 0
    #: What does not hold.
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether all holds."""
        return not self.problems


@dataclass(kw_only=True)
class GenerationAccount:
    """What the batches of one generation add up to: ranges and sums, not events."""

    #: The ranges that its batches claim.
    claimed: list[SequenceRange] = field(default_factory=list)
    #: The ranges that its files hold.
    found: list[SequenceRange] = field(default_factory=list)
    #: What its batches say they hold.
    said: Tally = field(default_factory=Counter)
    #: What its files hold.
    tally: Tally = field(default_factory=Counter)
    #: Files that could be read.
    files: int = 0
    #: Their size.
    bytes: int = 0
    #: How the redriven numbers stand.
    redriven: RedrivenNumbers = field(default_factory=RedrivenNumbers)
    #: What does not hold.
    problems: list[Problem] = field(default_factory=list)

    def add(self, batch: CommittedBatch, audit: BatchAudit) -> None:
        """Add a batch, or a redrive, in the order of commits."""
        self.said.update(lay_flat(batch.counts))
        if batch.is_redrive:
            change, problems = self.redriven.add_redrive(batch, audit)
            self.tally.update(change)
            self.problems += problems
        else:
            self.claimed += batch.ranges
            self.found += audit.numbers
            self.tally.update(audit.tally)
            self.redriven.add_batch(audit)
        self.files += audit.files
        self.bytes += audit.bytes
        self.problems += audit.problems


def judge_generation(
    place: GenerationAddress, generation: Generation, account: GenerationAccount
) -> GenerationAudit:
    """Judge one generation: compare its head with the sum of its batches."""
    wrong = [
        *_found_in_ledger(generation, account.claimed),
        *((Kind.NUMBER_TWICE, part, "in two batches' files") for part in fold(account.found).twice),
    ]
    miscounted = differences(lay_flat(generation.counts), account.said, who="the batches say")
    return GenerationAudit(
        place=place,
        start=generation.start,
        head=generation.head,
        landed=landed(account.tally),
        quarantined=quarantined(account.tally),
        open=generation.in_gaps(GapState.OPEN),
        lost=generation.lost,
        files=account.files,
        bytes=account.bytes,
        problems=(
            *(Problem(kind=kind, place=place, range=at, detail=why) for kind, at, why in wrong),
            *(
                Problem(kind=Kind.HEAD_COUNT_DIFFERS, place=place, detail=detail)
                for detail in miscounted
            ),
            *account.problems,
        ),
    )


def judge_rows(
    partition: Partition,
    commits: Mapping[int, CommittedBatch],
    batches: Mapping[int, CommittedBatch],
) -> Iterator[Problem]:
    """Judge the rows of a partition's batches, by commit number: `commit:` and `batch:` rows.

    A partition's commits are numbered through all of its generations, and each wrote both rows.
    """
    known = {**batches, **commits}
    numbered = fold(SequenceRange(first=number, last=number) for number in known).covered
    place = partition.place(partition.current)
    for part in subtract(_all(1, partition.commits), numbered):
        detail = f"commits {part.first} to {part.last} of the partition have no row"
        yield Problem(kind=Kind.COMMIT_MISSING, place=place, detail=detail)
    for number, batch in sorted(known.items()):
        if commits.get(number) != batches.get(number):
            yield Problem(
                kind=Kind.ROWS_DIFFER,
                place=batch.place,
                range=batch.span,
                detail=f"commit {number}: {_rows(number in commits, number in batches)}",
            )


def without_state(place: GenerationAddress, account: GenerationAccount) -> GenerationAudit:
    """Judge batches of a generation that the ledger has no state of."""
    problem = Problem(kind=Kind.STATE_MISSING, place=place, detail="has batches, but no state")
    return GenerationAudit(
        place=place,
        start=0,
        head=0,
        landed=landed(account.tally),
        quarantined=quarantined(account.tally),
        files=account.files,
        bytes=account.bytes,
        problems=(problem, *account.problems),
    )


def _found_in_ledger(
    generation: Generation, claimed: Sequence[SequenceRange]
) -> Iterator[tuple[Kind, SequenceRange, str]]:
    told = fold([*claimed, *(gap.range for gap in generation.gaps)])
    whole = _all(generation.start, generation.head - 1)
    for kind, ranges, why in (
        (Kind.NUMBER_UNACCOUNTED, subtract(whole, told.covered), "in no batch and in no gap"),
        (Kind.NUMBER_OUT_OF_BOUNDS, subtract(told.covered, whole), "outside of start and head"),
        (Kind.NUMBER_CLAIMED_TWICE, told.twice, "in two batches or gaps of the ledger"),
    ):
        yield from ((kind, part, why) for part in ranges)


def _all(first: int, last: int) -> Ranges:
    return (SequenceRange(first=first, last=last),) if first <= last else ()


def _rows(has_commit: bool, has_batch: bool) -> str:
    if has_commit and has_batch:
        return "its two rows say different things"
    return "its commit row is missing" if has_batch else "its batch row is missing"


def total(generations: Iterable[GenerationAudit]) -> Mapping[str, int]:
    """Sum up the lines."""
    summed: Counter[str] = Counter()
    for line in generations:
        for name in ("landed", "quarantined", "open", "lost", "files", "bytes"):
            summed[name] += getattr(line, name)
    return summed

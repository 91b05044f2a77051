"""The report of a run: the table of faults, what does not add up, and the summary. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from chaos.occurrences import Effect, Occurrence, Sample, effect_of
from chaos.verdict import Verdict

HEADINGS = ("fault", "times", "events", "redelivered", "missing", "lost", "s to recover", "most s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What is known when a run is over; without a verdict, it did not finish."""

    #: The seed of the plan.
    seed: int
    #: How long it took.
    seconds: float
    #: How many hosts ran side by side.
    hosts: int
    #: Hosts that were killed.
    kills: int
    #: Hosts that ended in another way.
    ended_by_themselves: int
    #: Whether all events were accounted for at its end.
    is_quiet: bool
    #: What happened, in order.
    occurrences: Sequence[Occurrence]
    #: The ledger's state during the run.
    samples: Sequence[Sample]
    #: Events that were sent.
    sent: int
    #: What became of them.
    verdict: Verdict

    @property
    def holds(self) -> bool:
        """Whether everything adds up."""
        return self.is_quiet and self.verdict.holds


def lines(run: Run) -> Iterator[str]:
    """The whole report, the summary last."""
    rows = [HEADINGS, *_rows(run)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *numbers in rows:
        told = [number.rjust(width) for number, width in zip(numbers, widths[1:], strict=True)]
        yield "  ".join([name.ljust(widths[0]), *told])
    yield ""
    yield from _account_lines(run)
    yield from run.verdict.account.problems
    yield summary(run)


def _rows(run: Run) -> Iterator[tuple[str, ...]]:
    effects: dict[str, list[Effect]] = defaultdict(list)
    for fault in run.occurrences:
        effects[fault.kind].append(effect_of(fault, run.samples))
    for kind in sorted(effects):
        yield _row(kind, effects[kind])


def _row(kind: str, effects: Sequence[Effect]) -> tuple[str, ...]:
    seconds = [e.recovered_seconds for e in effects if e.recovered_seconds is not None]
    return (
        kind,
        f"{len(effects):,}",
        f"{sum(effect.events for effect in effects):,}",
        f"{sum(effect.redelivered for effect in effects):,}",
        f"{max(effect.missing for effect in effects):,}",
        f"{sum(effect.lost for effect in effects):,}",
        f"{median(seconds):.1f}" if seconds else "-",
        f"{max(seconds):.1f}" if seconds else "-",
    )


def _account_lines(run: Run) -> Iterator[str]:
    account, verdict = run.verdict.account, run.verdict
    yield f"sent           {run.sent:>12,}  numbered events, {verdict.acknowledged:,} acknowledged"
    yield f"in the hub     {account.stored:>12,}  of which {verdict.stored_again:,} sent again"
    yield f"landed         {account.landed:>12,}"
    yield f"quarantined    {account.quarantined:>12,}  byte for byte, for the reason known"
    yield f"lost           {account.lost:>12,}  named; taken by retention or with their hub"
    yield f"gone           {account.gone:>12,}  with their hub, or to retention, before being seen"
    yield f"left behind    {verdict.orphans:>12,}  files that nobody names"
    yield f"audit: {verdict.audit}"
    if verdict.unknown_to_hub:
        yield f"{verdict.unknown_to_hub:,} acknowledged events are not in the hub's log"
    if not run.is_quiet:
        yield "it did not become quiet: something waits that nobody lands"
    if run.ended_by_themselves:
        yield f"{run.ended_by_themselves} hosts ended by themselves, as for want of storage"


def summary(run: Run) -> str:
    """The last line."""
    account = run.verdict.account
    kinds = len({fault.kind for fault in run.occurrences})
    return (
        f"chaos seed {run.seed}: {'holds' if run.holds else 'DOES NOT HOLD'}: {run.kills:,} kills, "
        f"{kinds} kinds of faults, {run.hosts} hosts, {account.stored:,} events, "
        f"{account.duplicates} duplicates, {account.missing} missing, {account.wrong} wrong, "
        f"{account.lost + account.gone:,} taken before they landed, "
        f"conservation error {account.conservation_error}, {run.seconds:.0f} s"
    )

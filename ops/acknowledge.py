"""`python -m ops acknowledge`: a person has seen what is lost; the status fails for it no more."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ops.options import add_generation, add_numbers, add_partitions, add_stack, numbers_of
from ops.stores import open_stores, settings_of
from shared.errors import DependencyUnavailableError
from shared.hub.sequence_range import SequenceRange
from shared.ledger.losses import acknowledge
from shared.ledger.partition import Gap, GapState, PartitionState
from shared.ledger.store import Commit, LedgerStore

MOST_TRIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """What to acknowledge; None is all."""

    hub: str | None = None
    partition_id: str | None = None
    generation: int | None = None
    within: SequenceRange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgedGap:
    """Numbers of a partition's generation that were lost, and are acknowledged now."""

    hub: str
    partition_id: str
    generation: int
    gap: Gap


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_partitions(parser)
    add_numbers(parser)
    add_generation(parser)
    add_stack(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Acknowledge, and say what; 0 also where nothing was left to acknowledge."""
    lost = Lost(
        hub=options.hub,
        partition_id=options.partition,
        generation=options.generation,
        within=numbers_of(options),
    )
    events = 0
    for seen in acknowledge_lost(open_stores(settings_of(options.stack)).ledger, lost):
        events += seen.gap.range.count
        sys.stdout.write(f"{_told(seen)}\n")
    sys.stdout.write(f"{events:,} lost events acknowledged\n")
    return 0


def acknowledge_lost(ledger: LedgerStore, lost: Lost) -> Iterator[AcknowledgedGap]:
    """Acknowledge partition by partition; raises DependencyUnavailableError of the ledger."""
    known = dict.fromkeys((state.hub, state.partition_id) for state in ledger.list_states())
    for hub, partition_id in known:
        if lost.hub in (None, hub) and lost.partition_id in (None, partition_id):
            yield from _acknowledge(ledger, hub, partition_id, lost)


def _acknowledge(
    ledger: LedgerStore, hub: str, partition_id: str, lost: Lost
) -> Sequence[AcknowledgedGap]:
    for _ in range(MOST_TRIES):
        stored = ledger.read(hub, partition_id)
        if stored is None:
            return ()
        after = acknowledge(stored.state, lost.within, lost.generation)
        if after == stored.state:
            return ()
        if ledger.commit(stored, Commit(state=after)) is not None:
            return _newly_seen(stored.state, lost)
    message = f"others committed to the partition {MOST_TRIES} times in a row"
    raise DependencyUnavailableError(
        message, hint="run it again", hub=hub, partition_id=partition_id
    )


def _newly_seen(before: PartitionState, lost: Lost) -> Sequence[AcknowledgedGap]:
    return [
        AcknowledgedGap(
            hub=state.hub,
            partition_id=state.partition_id,
            generation=state.generation,
            gap=Gap(range=part, state=GapState.ACKNOWLEDGED, since=gap.since),
        )
        for state in (*before.ended, before)
        if lost.generation in (None, state.generation)
        for gap in state.gaps
        if gap.state is GapState.LOST
        for part in (gap.range.intersection(lost.within or gap.range),)
        if part
    ]


def _told(seen: AcknowledgedGap) -> str:
    place = f"{seen.hub}/p{int(seen.partition_id):03d} g{seen.generation}"
    numbers = f"{seen.gap.range.first}-{seen.gap.range.last}"
    events = f"{seen.gap.range.count:,} events"
    return f"{place}  {numbers}  {events}, lost since {seen.gap.since.isoformat()}"

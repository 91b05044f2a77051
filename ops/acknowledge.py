"""`landfall acknowledge`: a person has seen the lost events, so the status no longer fails."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ops.options import add_generation, add_numbers, add_partitions, add_stack, numbers_of
from ops.stack_service import open_service
from shared.errors import DependencyUnavailableError
from shared.hub.address import GenerationAddress, PartitionAddress
from shared.hub.sequence_range import SequenceRange
from shared.ledger.losses import acknowledge
from shared.ledger.partition import Gap, GapState, Partition
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

    place: GenerationAddress
    gap: Gap


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_partitions(parser)
    add_numbers(parser)
    add_generation(parser)
    add_stack(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Acknowledge, and print what; 0 even if nothing was left to acknowledge."""
    lost = Lost(
        hub=options.hub,
        partition_id=options.partition,
        generation=options.generation,
        within=numbers_of(options),
    )
    events = 0
    for seen in acknowledge_lost(open_service(options.stack).ledger, lost):
        events += seen.gap.range.count
        sys.stdout.write(f"{_told(seen)}\n")
    sys.stdout.write(f"{events:,} lost events acknowledged\n")
    return 0


def acknowledge_lost(ledger: LedgerStore, lost: Lost) -> Iterator[AcknowledgedGap]:
    """Acknowledge partition by partition; raises DependencyUnavailableError of the ledger."""
    for address in [partition.address for partition in ledger.list_partitions()]:
        if lost.hub in (None, address.hub) and lost.partition_id in (None, address.partition_id):
            yield from _acknowledge(ledger, address, lost)


def _acknowledge(
    ledger: LedgerStore, address: PartitionAddress, lost: Lost
) -> Sequence[AcknowledgedGap]:
    for _ in range(MOST_TRIES):
        stored = ledger.read(address)
        if stored is None:
            return ()
        after = acknowledge(stored.partition, lost.within, lost.generation)
        if after == stored.partition:
            return ()
        if ledger.commit(stored, Commit(partition=after)) is not None:
            return _newly_seen(stored.partition, lost)
    message = f"others committed to the partition {MOST_TRIES} times in a row"
    raise DependencyUnavailableError(message, hint="run it again", partition=address)


def _newly_seen(before: Partition, lost: Lost) -> Sequence[AcknowledgedGap]:
    return [
        AcknowledgedGap(
            place=before.place(generation),
            gap=Gap(range=part, state=GapState.ACKNOWLEDGED, since=gap.since),
        )
        for generation in before.generations
        if lost.generation in (None, generation.number)
        for gap in generation.gaps
        if gap.state is GapState.LOST
        for part in (gap.range.intersection(lost.within or gap.range),)
        if part
    ]


def _told(seen: AcknowledgedGap) -> str:
    numbers = f"{seen.gap.range.first}-{seen.gap.range.last}"
    events = f"{seen.gap.range.count:,} events"
    return f"{seen.place}  {numbers}  {events}, lost since {seen.gap.since.isoformat()}"

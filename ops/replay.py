"""`landfall replay`: read a range from the hub again, and land what is new."""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ops.audit.ranges import Ranges, fold, subtract
from ops.options import add_numbers, add_stack, range_of
from ops.stack_service import open_service
from shared.errors import DependencyUnavailableError
from shared.hub.events import EventBatch, EventReader
from shared.hub.properties import HubPartition
from shared.hub.sequence_range import SequenceRange
from shared.landing.lander import Lander
from shared.landing.reconciler import EVENTS_AT_ONCE
from shared.ledger.batch import Counts

# How often to ask for events that the hub holds but does not give.
MOST_READS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What became of a range: what the hub gave, what was new, and what it did not give."""

    #: The numbers that the hub gave.
    read: Ranges = ()
    #: What was new of them.
    counts: Counts = field(default_factory=Counts)
    #: What was committed before.
    duplicates: int = 0
    #: What the hub no longer holds.
    not_held: Ranges = ()
    #: What the hub does not have yet.
    not_yet: Ranges = ()
    #: What the hub holds and did not give now.
    not_given: Ranges = ()
    #: What ended it early; empty where nothing did.
    problem: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether the hub gave the whole range."""
        return not (self.not_held or self.not_yet or self.not_given)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--hub", metavar="NAME", help="the hub (the settings' own)")
    parser.add_argument("--partition", metavar="ID", required=True, help="the partition")
    add_numbers(parser, required=True)
    add_stack(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Replay, print, and return 0 only if the hub gave the whole range."""
    wanted = range_of(options.first, options.last)
    service = open_service(options.stack, hub=options.hub)
    partition = service.hub.read_partition(options.partition)
    done = replay(partition, wanted, service.events, service.lander)
    sys.stdout.writelines(f"{line}\n" for line in replay_lines(done))
    return 0 if done.is_complete else 1


def replay(
    partition: HubPartition, wanted: SequenceRange, events: EventReader, lander: Lander
) -> Replay:
    """Land a range piece by piece, as reconcile does; a dependency's failure ends it early."""
    done = Replay()
    held = partition.held.intersection(wanted) if partition.held else None
    position, tries = (held.first, 0) if held else (0, 0)
    try:
        while held and position <= held.last and tries < MOST_READS:
            last = min(held.last, position + EVENTS_AT_ONCE - 1)
            piece = SequenceRange(first=position, last=last)
            found = tuple(events.read_again(partition.address.partition_id, piece))
            tries = 0 if found else tries + 1
            if found:
                batch = EventBatch(address=partition.address, events=found)
                done = _add(done, batch, lander)
                position = batch.last + 1
    except DependencyUnavailableError as error:
        done = replace(done, problem=str(error))
    return _with_missing(done, wanted, partition)


def replay_lines(done: Replay) -> Iterator[str]:
    """What a person reads of it."""
    for name, number in (
        ("read", sum(part.count for part in done.read)),
        ("landed", done.counts.landed),
        ("quarantined", done.counts.quarantined),
        ("duplicates", done.duplicates),
    ):
        yield f"{name:<12} {number:>10,}"
    for ranges, why in (
        (done.not_held, "the hub no longer holds"),
        (done.not_yet, "the hub does not have yet"),
        (done.not_given, "the hub did not give now; run it again:"),
    ):
        if ranges:
            numbers = ", ".join(f"{part.first}-{part.last}" for part in ranges)
            yield f"{why} {numbers}"
    if done.problem:
        yield done.problem


def _add(done: Replay, batch: EventBatch, lander: Lander) -> Replay:
    landing = lander.land(batch)
    return replace(
        done,
        read=fold((*done.read, *batch.ranges)).covered,
        counts=done.counts + landing.counts,
        duplicates=done.duplicates + landing.duplicates,
    )


def _with_missing(done: Replay, wanted: SequenceRange, partition: HubPartition) -> Replay:
    """Add why numbers were not read: their place relative to what the hub holds says why."""
    missing = subtract((wanted,), done.read)
    before = _cut(missing, 0, partition.begin - 1)
    beyond = _cut(missing, max(partition.last_enqueued + 1, partition.begin), wanted.last)
    return replace(
        done,
        not_held=before,
        not_yet=beyond,
        not_given=subtract(missing, fold((*before, *beyond)).covered),
    )


def _cut(ranges: Ranges, first: int, last: int) -> Ranges:
    if first > last:
        return ()
    within = SequenceRange(first=first, last=last)
    return tuple(part for item in ranges if (part := item.intersection(within)))

"""Watches the ledger during the run, and tells when nothing is left to do."""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

from azure.core.exceptions import AzureError

from chaos.checkpoints import Checkpoints
from chaos.occurrences import Sample
from chaos.services import HUB
from chaos.troubles import World
from shared.errors import DependencyUnavailableError
from shared.ledger.partition import GapState, Generation, Partition
from shared.ledger.store import LedgerStore

SAMPLE_SECONDS = 0.5
LOOK_EVERY = 4
# Replay reads a head that stands still after 90 s; nothing takes longer than that plus a tick.
PATIENCE_SECONDS = 200
LOG = logging.getLogger("chaos.watch")


async def watch(world: World, ledger: LedgerStore, checkpoints: Checkpoints) -> None:
    """Take samples without end; asks again if there is no answer."""
    turn = 0
    while True:
        turn += 1
        world.archive.look()
        with suppress(DependencyUnavailableError, AzureError, OSError):
            world.partitions = await asyncio.to_thread(ledger.list_partitions)
            world.occurrences.samples.append(sample(world.partitions, monotonic()))
            listed = await world.services.control_hub("/hubs", method="GET")
            world.backlog = count_backlog(listed["hubs"][0], world)
            if turn % LOOK_EVERY == 0:
                await checkpoints.look()
        await asyncio.sleep(SAMPLE_SECONDS)


def sample(partitions: Iterable[Partition], at: float) -> Sample:
    """Sum up the ledger's state."""
    known = [generation for partition in partitions for generation in partition.generations]
    return Sample(
        at=at,
        committed=sum(one.total.landed + one.total.quarantined for one in known),
        redelivered=sum(one.duplicates for one in known),
        missing=sum(one.in_gaps(GapState.OPEN) for one in known),
        lost=sum(one.in_gaps(GapState.LOST) for one in known),
    )


async def wait_until_quiet(world: World) -> bool:
    """Wait until all events in the hub are accounted for; false if there is no more progress."""
    progressed_at, seen = monotonic(), None
    while True:
        listed = await world.services.control_hub("/hubs", method="GET")
        waiting = find_waiting(listed["hubs"][0], world)
        if not waiting:
            return True
        standing = [(item.current.head, item.current.gaps) for item in world.partitions]
        if standing != seen:
            progressed_at, seen = monotonic(), standing
        if monotonic() - progressed_at > PATIENCE_SECONDS:
            LOG.error("nothing more happens, and there waits %s", waiting)
            return False
        await asyncio.sleep(SAMPLE_SECONDS)


def find_waiting(hub: dict[str, Any], world: World) -> Sequence[str]:
    """The partitions whose events the ledger does not account for yet."""
    current = _current(world)
    return [
        partition["id"]
        for partition in hub["partitions"]
        if partition["last_enqueued_sequence_number"] >= 0
        and not _is_done(current.get(partition["id"]), partition)
    ]


def count_backlog(hub: dict[str, Any], world: World) -> int:
    """How many events the hub holds beyond the ledger's heads."""
    heads = {partition_id: current.head for partition_id, current in _current(world).items()}
    return sum(
        max(0, partition["last_enqueued_sequence_number"] + 1 - heads.get(partition["id"], 0))
        for partition in hub["partitions"]
    )


def _current(world: World) -> Mapping[str, Generation]:
    """The ledger's generations of the hub's current making, by partition."""
    created_at = world.archive.makings[-1].created_at
    return {
        partition.address.partition_id: partition.current
        for partition in world.partitions
        if partition.address.hub == HUB and partition.current.hub_created_at == created_at
    }


def _is_done(current: Generation | None, partition: dict[str, Any]) -> bool:
    return (
        current is not None
        and current.head == partition["last_enqueued_sequence_number"] + 1
        and not current.in_gaps(GapState.OPEN)
    )

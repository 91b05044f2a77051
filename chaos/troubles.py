"""What each trouble does to the services: one small function per kind."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from chaos.hosts import Seat
from chaos.hub_archive import HubArchive
from chaos.ledger_proxy import LedgerProxy
from chaos.occurrences import Occurrences
from chaos.plan import Step, Trouble
from chaos.services import HUB, Services
from chaos.verdict import HubPlace
from shared.ledger.partition import Partition

HOUR = 3600
MOST_PARTITIONS = 6
LEAST_KEPT = 200
# A host may hold a batch this long; the ledger need not know hubs older than the last two.
REMADE_APART_SECONDS = 45


@dataclass(kw_only=True)
class World:
    """Everything that a trouble can change, and what the verdict must know about it."""

    #: The processes that can be killed.
    services: Services
    #: Everything that the hub ever stored.
    archive: HubArchive
    #: The proxy before the ledger.
    proxy: LedgerProxy
    #: The hosts.
    seats: Sequence[Seat]
    #: While it is closed, no host starts.
    gate: asyncio.Event
    #: What happened so far.
    occurrences: Occurrences
    #: The ledger's latest state.
    partitions: Sequence[Partition] = ()
    #: How many events the hub holds beyond the heads.
    backlog: int = 0
    #: The lowest number that retention left, by place.
    taken_below: dict[HubPlace, int] = field(default_factory=dict)
    #: Whether the hub's clock is an hour ahead.
    is_clock_ahead: bool = False
    #: The earliest time at which the hub may be made anew.
    remade_from: float


Act = Callable[[World, Step], Awaitable[None]]


class NotNowError(Exception):
    """The trouble would break more than we promise to survive, or comes too early; skip it."""


async def befall(world: World, step: Step) -> None:
    """Make the trouble, and record it; skip it if it cannot happen now."""
    began = monotonic()
    try:
        await TROUBLES[step.trouble](world, step)
    except NotNowError:
        return
    world.occurrences.note(step.trouble, began)


async def clear(world: World) -> None:
    """Remove all ordered faults."""
    await world.services.control_hub("/faults", method="DELETE")
    await world.services.control_lake("/faults", method="DELETE")
    world.proxy.replies_to_lose = world.proxy.requests_to_cut = 0


async def start_hub(world: World) -> None:
    """Start the hub with its clock as it is set now."""
    skew = ("--clock-skew-seconds", str(HOUR)) if world.is_clock_ahead else ()
    await world.services.start("hub", *skew)


def _ordered_of_hub(kind: str, most: int = 30, **more: Any) -> Act:
    async def act(world: World, step: Step) -> None:
        order = {"kind": kind, "count": min(most, step.count), **more}
        await world.services.control_hub("/faults", order)
        await asyncio.sleep(step.seconds)
        await clear(world)

    return act


def _ordered_of_lake(kind: str, most: int = 30, **more: Any) -> Act:
    async def act(world: World, step: Step) -> None:
        order = {"kind": kind, "count": min(most, step.count), **more}
        await world.services.control_lake("/faults", order)
        await asyncio.sleep(step.seconds)
        await clear(world)

    return act


def _killed(name: str) -> Act:
    async def act(world: World, step: Step) -> None:
        await world.services.kill(name)
        await asyncio.sleep(step.seconds / 2)
        await world.services.start(name)

    return act


async def _kill_hub(world: World, step: Step) -> None:
    await world.services.kill("hub")
    await asyncio.sleep(step.seconds / 2)
    await start_hub(world)


async def _set_clock(world: World, step: Step) -> None:
    """Set the clock an hour ahead, or back again: no hub's clock is set back by more."""
    world.is_clock_ahead = not world.is_clock_ahead
    await _kill_hub(world, step)


async def _lose_ledger_replies(world: World, step: Step) -> None:
    world.proxy.replies_to_lose = step.count
    await asyncio.sleep(step.seconds)
    await clear(world)


async def _cut_ledger_off(world: World, step: Step) -> None:
    world.proxy.requests_to_cut = step.count
    await asyncio.sleep(step.seconds)
    await clear(world)


async def _let_retention_take(world: World, step: Step) -> None:
    """While no host runs, make the hub forget about half of the waiting events."""
    _require_that_all_is_known(world)
    world.gate.clear()
    for seat in world.seats:
        seat.kill()
    await asyncio.sleep(step.seconds)
    world.archive.look()
    listed = await world.services.control_hub("/hubs", method="GET")
    kept = max(LEAST_KEPT, world.backlog // len(listed["hubs"][0]["partitions"]) // 2)
    taken = await world.services.control_hub(f"/hubs/{HUB}/retention", {"events": kept})
    _note_taken(world, taken)
    await world.services.control_hub(f"/hubs/{HUB}/retention", {})
    world.gate.set()


async def _add_partition(world: World, _: Step) -> None:
    listed = await world.services.control_hub("/hubs", method="GET")
    if len(listed["hubs"][0]["partitions"]) >= MOST_PARTITIONS:
        raise NotNowError
    await world.services.control_hub(f"/hubs/{HUB}/partitions", {"count": 1})


async def _recreate(world: World, _: Step) -> None:
    """Make the hub anew, once the ledger knows every partition of the old one."""
    if monotonic() < world.remade_from:
        raise NotNowError
    _require_that_all_is_known(world)
    world.archive.look()
    await world.services.control_hub(f"/hubs/{HUB}/recreate")
    world.archive.look()
    world.remade_from = monotonic() + REMADE_APART_SECONDS


def _require_that_all_is_known(world: World) -> None:
    """The ledger must know every partition: nobody can name earlier losses as lost."""
    making = world.archive.makings[-1]
    known = {
        partition.address.partition_id
        for partition in world.partitions
        if partition.current.hub_created_at == making.created_at and partition.current.head
    }
    if known != set(making.partition_ids()):
        raise NotNowError


def _note_taken(world: World, hub: Mapping[str, Any]) -> None:
    making = world.archive.makings[-1].number
    for partition in hub["partitions"]:
        place = HubPlace(making=making, partition_id=partition["id"])
        world.taken_below[place] = partition["begin_sequence_number"]


TROUBLES: Mapping[Trouble, Act] = {
    Trouble.HUB_KILLED: _kill_hub,
    Trouble.HUB_BUSY: _ordered_of_hub("server-busy"),
    Trouble.HUB_DETACHED: _ordered_of_hub("detach", most=8),
    Trouble.HUB_DROPPED_BEFORE: _ordered_of_hub("drop-before-store", most=8),
    Trouble.HUB_DROPPED_AFTER: _ordered_of_hub("drop-after-store", most=8),
    Trouble.HUB_DELAYED: _ordered_of_hub("delay", seconds=0.5),
    Trouble.LAKE_KILLED: _killed("lake"),
    Trouble.LAKE_UNAVAILABLE: _ordered_of_lake("unavailable"),
    Trouble.LAKE_TIMED_OUT: _ordered_of_lake("timeout", most=8, seconds=1),
    Trouble.LAKE_HUNG_UP: _ordered_of_lake("timeout", most=8, seconds=0.2, close=True),
    Trouble.LAKE_REPLY_LOST: _ordered_of_lake("reply_lost", most=10),
    Trouble.LAKE_DELAYED: _ordered_of_lake("delay", seconds=0.5),
    Trouble.LAKE_STALE: _ordered_of_lake("stale_listing"),
    Trouble.AZURITE_KILLED: _killed("azurite"),
    Trouble.LEDGER_REPLY_LOST: _lose_ledger_replies,
    Trouble.LEDGER_CUT: _cut_ledger_off,
    Trouble.RETENTION: _let_retention_take,
    Trouble.PARTITION_ADDED: _add_partition,
    Trouble.CLOCK_SET: _set_clock,
    Trouble.RECREATED: _recreate,
}

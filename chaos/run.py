"""One run, from an empty stack to the verdict."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from chaos.accounting import reach_verdict
from chaos.checkpoints import Checkpoints
from chaos.host_process import Nursery
from chaos.hosts import HostSurroundings, Seat
from chaos.hub_archive import HubArchive
from chaos.ledger_proxy import LedgerProxy
from chaos.occurrences import Occurrences
from chaos.plan import calm_life, plan_lives, plan_steps
from chaos.report import Run
from chaos.sending import Demand, keep_sending
from chaos.sent import EventSource, Sent
from chaos.services import HUB, NAMES, Services
from chaos.troubles import World, befall, clear
from chaos.watch import sample, wait_until_quiet, watch
from local.parts import ROOT
from local.ports import Ports, find_free_base, ports_from
from producer.connection import Target
from shared.adapters.contract_files import load_contracts
from shared.contracts.catalog import ContractCatalog
from shared.contracts.contract import Contract
from shared.ledger.store import LedgerStore
from shared.service import Service
from shared.settings import read_settings

BAD_EVERY = 50
CALM_HOSTS = 2
LAST_EVENTS_SECONDS = 3
TELL_SECONDS = 30
# The most events that wait in the hub: a machine slower than the rate gets fewer events.
MOST_BACKLOG = 10_000
# The share of a run before the hub is made anew. After that, a host asks the hub about most of the
# batches that it starts with, which takes time.
NOT_REMADE = 2 / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaosOptions:
    """What a run does; it ends when the seconds are over, or after the requested kills."""

    #: The seed of the plan.
    seed: int
    #: How long it lasts at most.
    seconds: float
    #: After so many kills it ends earlier; None: no limit.
    kills: int | None
    #: How many hosts run side by side.
    hosts: int
    #: How many times fewer faults than usual.
    calm: int
    #: Events a second at most.
    rate: float
    #: The folder for the services' state and the logs.
    data: Path


async def run(options: ChaosOptions, tell: Callable[[str], None]) -> Run:
    """Run, and report progress from time to time; leaves the data folder and no process."""
    began = monotonic()
    async with _open(options) as (world, around, ledger):
        source = EventSource(_contract(), options.seed, BAD_EVERY)
        telling = asyncio.create_task(_keep_telling(tell, world, around, source.sent))
        is_quiet = await _break_everything(options, world, around, ledger, source)
        telling.cancel()
        world.partitions = ledger.list_partitions()
        world.occurrences.samples.append(sample(world.partitions, monotonic()))
        world.archive.look()
        verdict = await asyncio.to_thread(reach_verdict, world, ledger, source.sent)
    return Run(
        seed=options.seed,
        seconds=monotonic() - began,
        hosts=options.hosts,
        kills=around.ends.kills,
        ended_by_themselves=around.ends.by_themselves,
        is_quiet=is_quiet,
        occurrences=world.occurrences.noted,
        samples=world.occurrences.samples,
        sent=source.sent.count,
        verdict=verdict,
    )


@asynccontextmanager
async def _open(
    options: ChaosOptions,
) -> AsyncIterator[tuple[World, HostSurroundings, LedgerStore]]:
    """Start the services; they end with the block."""
    base = find_free_base()
    services = Services(data=options.data, ports=ports_from(base))
    nursery, proxy = Nursery(), LedgerProxy(services.ports.table)
    try:
        for name in NAMES:
            await services.start(name)
        spare = _spare_ports(options.hosts + 1, services.ports)
        await proxy.start(spare[-1])
        around = HostSurroundings(
            services=services,
            nursery=nursery,
            checkpoints=Checkpoints(services),
            occurrences=Occurrences(),
            ledger_port=spare[-1],
        )
        around.gate.set()
        world = World(
            services=services,
            archive=HubArchive(options.data / "hub" / HUB, options.data / "archive"),
            proxy=proxy,
            seats=[Seat(number, spare[number], around) for number in range(options.hosts)],
            gate=around.gate,
            occurrences=around.occurrences,
            remade_from=monotonic() + options.seconds * NOT_REMADE,
        )
        world.archive.look()
        yield world, around, Service(read_settings(services.settings)).ledger
    finally:
        await nursery.stop()
        proxy.stop()
        services.kill_all()


async def _break_everything(
    options: ChaosOptions,
    world: World,
    around: HostSurroundings,
    ledger: LedgerStore,
    source: EventSource,
) -> bool:
    """Send events, break things, then wait until all has landed; returns whether it has."""
    is_over = asyncio.Event()
    target = _target(world.services)
    demand = Demand(
        rate=options.rate,
        goes_on=lambda: not is_over.is_set(),
        holds_back=lambda: world.backlog > MOST_BACKLOG,
    )
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(watch(world, ledger, around.checkpoints))
        sending = tasks.create_task(keep_sending(target, source, demand))
        living = [
            tasks.create_task(seat.live(plan_lives(options.seed, number, options.calm)))
            for number, seat in enumerate(world.seats)
        ]
        await _befall_all(options, world, around)
        for seat in world.seats:
            seat.retire()
        await asyncio.wait(living)
        await _calm_down(world)
        await asyncio.sleep(LAST_EVENTS_SECONDS)
        is_over.set()
        await sending
        is_quiet = await wait_until_quiet(world)
        for seat in world.seats:
            seat.kill()
        watching.cancel()
    return is_quiet


async def _befall_all(options: ChaosOptions, world: World, around: HostSurroundings) -> None:
    ends_at = monotonic() + options.seconds
    for step in plan_steps(options.seed, options.calm):
        await asyncio.sleep(step.pause)
        if monotonic() > ends_at or around.ends.kills >= (options.kills or float("inf")):
            return
        await befall(world, step)


async def _keep_telling(
    tell: Callable[[str], None], world: World, around: HostSurroundings, sent: Sent
) -> None:
    began = monotonic()
    while True:
        await asyncio.sleep(TELL_SECONDS)
        known = world.occurrences.samples[-1:]
        committed = known[0].committed if known else 0
        tell(
            f"{monotonic() - began:6.0f} s  {around.ends.kills:,} kills, {sent.count:,} sent, "
            f"{committed:,} committed"
        )


async def _calm_down(world: World) -> None:
    await clear(world)
    for number, seat in enumerate(world.seats):
        if number < CALM_HOSTS:
            await seat.start(calm_life())


def _spare_ports(count: int, taken: Ports) -> list[int]:
    """Free ports that are not the stack's."""
    while True:
        base = find_free_base()
        if base != taken.host:
            return [base + number for number in range(count)]


def _target(services: Services) -> Target:
    settings = services.settings
    return Target(hub=HUB, namespace="127.0.0.1", connection_string=settings["LANDFALL_EVENTHUBS"])


def _contract() -> Contract:
    found = ContractCatalog(load_contracts(ROOT / "contracts")).find("telemetry")
    assert isinstance(found, Contract)
    return found


def log_to(path: Path) -> None:
    """Write the SDKs' logs to a file, not to the terminal."""
    path.parent.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        filename=path, level=logging.WARNING, format="%(asctime)s %(name)s %(message)s"
    )

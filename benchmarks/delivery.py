"""What each way to land events makes of the same faults: duplicates and losses, counted.

`python -m benchmarks.delivery [--seeds N ...] [--seconds S]` runs each way of `benchmarks/peers`,
and Landfall, on a stack of its own under the same driver and the same plan of faults: two hosts of
one consumer group that are killed and frozen, a lake and a hub that fail or lose replies, and a
killed Azurite. Nothing is done to the hub's events, nor to the checkpoints.
"""

import argparse
import asyncio
import json
import logging
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

from azure.storage.blob import ContainerClient

from benchmarks.peers.ways import WAYS
from chaos.checkpoints import Checkpoints
from chaos.committed import read_batches, read_records
from chaos.host_process import Nursery
from chaos.hosts import HostSurroundings, Seat
from chaos.hub_archive import HubArchive
from chaos.ledger_proxy import LedgerProxy
from chaos.occurrences import Occurrences
from chaos.plan import (
    GROUPS,
    Checkpoint,
    Life,
    Step,
    Trouble,
    calm_life,
    plan_lives,
    plan_steps,
)
from chaos.sending import Demand, keep_sending
from chaos.sent import EventSource
from chaos.services import HUB, NAMES, Services
from chaos.troubles import World, befall, clear
from local.parts import ROOT
from local.ports import find_free_base, ports_from
from producer.connection import Target
from shared.adapters.contract_files import load_contracts
from shared.contracts.catalog import ContractCatalog
from shared.contracts.contract import Contract
from shared.hub.address import PartitionAddress
from shared.ledger.store import LedgerStore
from shared.service import Service
from shared.settings import read_settings

LANDFALL = "Landfall"
HOSTS = 2
RATE = 500
QUIET_SECONDS = 30
LONGEST_SECONDS = 240
# What only an operator does, what the hub does to its own events, and faults of the ledger.
LEFT_OUT = {
    Trouble.RETENTION,
    Trouble.PARTITION_ADDED,
    Trouble.CLOCK_SET,
    Trouble.RECREATED,
    Trouble.LEDGER_CUT,
    Trouble.LEDGER_REPLY_LOST,
}
Place = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What happened to the events that the hub holds; `torn` counts unreadable lines."""

    events: int
    duplicates: int
    lost: int
    torn: int
    kills: int

    def __add__(self, other: "Delivered") -> "Delivered":
        """Add up two runs."""
        return Delivered(
            events=self.events + other.events,
            duplicates=self.duplicates + other.duplicates,
            lost=self.lost + other.lost,
            torn=self.torn + other.torn,
            kills=self.kills + other.kills,
        )


def main() -> int:
    """Run every way with every seed; returns 1 if Landfall has a duplicate or a loss."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ways", nargs="+", default=[*WAYS, LANDFALL], metavar="WAY")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], metavar="N")
    parser.add_argument("--seconds", type=float, default=60, help="of faults (%(default)s)")
    options = parser.parse_args()
    logging.getLogger("azure").setLevel(logging.CRITICAL)
    found: dict[str, Delivered] = {}
    for way in options.ways:
        for seed in options.seeds:
            delivered = asyncio.run(_run(way, seed, options.seconds))
            print(f"{way}, seed {seed}: {delivered}", flush=True)
            found[way] = found[way] + delivered if way in found else delivered
    print(f"{'way':14}{'kills':>8}{'events':>12}{'duplicates':>12}{'lost':>10}{'torn':>8}")
    for way, sums in found.items():
        numbers = f"{sums.events:>12,}{sums.duplicates:>12,}{sums.lost:>10,}{sums.torn:>8,}"
        print(f"{way:14}{sums.kills:>8}{numbers}")
    ours = found.get(LANDFALL)
    return 1 if ours and (ours.duplicates or ours.lost) else 0


async def _run(way: str, seed: int, seconds: float) -> Delivered:
    with tempfile.TemporaryDirectory(prefix="landfall-delivery-") as folder:
        services = Services(data=Path(folder), ports=ports_from(find_free_base()))
        nursery = Nursery()
        try:
            for name in NAMES:
                await services.start(name)
            world, around = _world(way, services, nursery)
            await _break(world, seed, seconds)
            return _count(way, world, around.ends.kills)
        finally:
            await nursery.stop()
            services.kill_all()


def _world(way: str, services: Services, nursery: Nursery) -> tuple[World, HostSurroundings]:
    is_ours = way == LANDFALL
    around = HostSurroundings(
        services=services,
        nursery=nursery,
        checkpoints=Checkpoints(services),
        occurrences=Occurrences(),
        ledger_port=services.ports.table,
        app=ROOT if is_ours else ROOT / "benchmarks" / "peers",
        more_settings={} if is_ours else {"LANDFALL_PEER": way},
    )
    around.gate.set()
    base = find_free_base()
    while base == services.ports.host:
        base = find_free_base()
    world = World(
        services=services,
        archive=HubArchive(services.data / "hub" / HUB, services.data / "archive"),
        proxy=LedgerProxy(services.ports.table),
        seats=[Seat(number, base + number, around) for number in range(HOSTS)],
        gate=around.gate,
        occurrences=around.occurrences,
        remade_from=float("inf"),
    )
    world.archive.look()
    return world, around


async def _break(world: World, seed: int, seconds: float) -> None:
    settings = world.services.settings
    target = Target(
        hub=HUB, namespace="127.0.0.1", connection_string=settings["LANDFALL_EVENTHUBS"]
    )
    is_over = asyncio.Event()
    demand = Demand(rate=RATE, goes_on=lambda: not is_over.is_set(), holds_back=lambda: False)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(keep_sending(target, EventSource(_contract(), seed, 50), demand))
        living = [
            tasks.create_task(seat.live(_lives(seed, number)))
            for number, seat in enumerate(world.seats)
        ]
        ends_at = monotonic() + seconds
        for step in _steps(seed):
            await asyncio.sleep(step.pause)
            if monotonic() > ends_at:
                break
            await befall(world, step)
        for life in living:
            life.cancel()
        await asyncio.wait(living)
        await clear(world)
        is_over.set()
    for seat in world.seats:
        seat.kill()
        await seat.start(calm_life())
    await _wait_until_read(world)
    for seat in world.seats:
        seat.kill()
    world.archive.look()


def _lives(seed: int, host: int) -> Iterator[Life]:
    """The hosts' lives, without faults that only Landfall or an operator would meet."""
    for life in plan_lives(seed, host):
        yield replace(
            life,
            group=GROUPS[0],
            checkpoint=Checkpoint.KEPT,
            clock_skew_seconds=0,
            kill_point=None,
            slow_point=None,
        )


def _steps(seed: int) -> Iterator[Step]:
    return (step for step in plan_steps(seed) if step.trouble not in LEFT_OUT)


async def _wait_until_read(world: World) -> None:
    """Wait until the checkpoints have stayed at the hub's end for a while, or time is up."""
    began, reached = monotonic(), None
    while monotonic() - began < LONGEST_SECONDS:
        listed = await world.services.control_hub("/hubs", method="GET")
        ends = {
            partition["id"]: partition["last_enqueued_sequence_number"]
            for partition in listed["hubs"][0]["partitions"]
        }
        if await asyncio.to_thread(_checkpoints, world.services) == ends:
            reached = reached or monotonic()
            if monotonic() - reached > QUIET_SECONDS:
                return
        else:
            reached = None
        await asyncio.sleep(1)


def _checkpoints(services: Services) -> dict[str, int]:
    container = ContainerClient.from_connection_string(
        services.settings["AzureWebJobsStorage"], "azure-webjobs-eventhub"
    )
    with container:
        return {
            blob.name.rpartition("/")[2]: int(blob.metadata["sequencenumber"])
            for blob in container.list_blobs(include=["metadata"])
            if "/checkpoint/" in blob.name
        }


def _count(way: str, world: World, kills: int) -> Delivered:
    making = world.archive.makings[-1]
    held = {
        (partition_id, number)
        for partition_id in making.partition_ids()
        for number in making.read(partition_id)
    }
    if way == LANDFALL:
        ledger = Service(read_settings(world.services.settings)).ledger
        seen, torn = Counter(_landed(world.services, ledger, making.partition_ids())), 0
    else:
        seen, torn = _lines(world.services)
    return Delivered(
        events=len(held),
        duplicates=sum(times - 1 for times in seen.values()),
        lost=len(held - seen.keys()),
        torn=torn,
        kills=kills,
    )


def _landed(services: Services, ledger: LedgerStore, partition_ids: list[str]) -> Iterator[Place]:
    for partition_id in partition_ids:
        for batch in read_batches(ledger, PartitionAddress(hub=HUB, partition_id=partition_id)):
            for record in read_records(batch, services.open_file):
                yield partition_id, record.sequence_number


def _lines(services: Services) -> tuple[Counter[Place], int]:
    seen: Counter[Place] = Counter()
    torn = 0
    lake = services.data / "lake" / services.settings["LANDFALL_LAKE_FILESYSTEM"]
    for path in lake.glob("bronze/**/*.jsonl"):
        for line in path.read_bytes().splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                torn += 1
                continue
            seen[record["partition"], record["number"]] += 1
    return seen, torn


def _contract() -> Contract:
    found = ContractCatalog(load_contracts(ROOT / "contracts")).find("telemetry")
    assert isinstance(found, Contract)
    return found


if __name__ == "__main__":
    sys.exit(main())

"""Collects what the verdict needs: the hub's logs, the ledger, and the lake's files."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence

from chaos.committed import read_batches, read_records
from chaos.hub_archive import Making
from chaos.sent import Sent, number_of
from chaos.services import HUB, Services
from chaos.troubles import World
from chaos.verdict import Committed, HubPlace, LedgerStanding, PlaceAccount, Verdict, judge
from local.parts import ROOT
from shared.hub.address import PartitionAddress
from shared.ledger.batch import CommittedBatch
from shared.ledger.partition import GapState, Generation
from shared.ledger.store import LedgerStore


def reach_verdict(world: World, ledger: LedgerStore, sent: Sent) -> Verdict:
    """Read the hub, the ledger and the lake, and compare them."""
    stored: dict[int, int] = defaultdict(int)
    account, files = PlaceAccount(), set()
    for partition_id in sorted({p for m in world.archive.makings for p in m.partition_ids()}):
        address = PartitionAddress(hub=HUB, partition_id=partition_id)
        batches = list(read_batches(ledger, address))
        files |= {file.path for batch in batches for file in batch.files}
        for place_account in _judge_partition(world, address, batches, sent, stored):
            account += place_account
    clean, audit = audit_stack(world.services)
    acknowledged = set(range(sent.count)) - sent.unacknowledged
    return Verdict(
        account=account,
        stored_again=sum(times - 1 for times in stored.values()),
        acknowledged=len(acknowledged),
        unknown_to_hub=len(acknowledged - stored.keys()),
        audit=audit,
        is_audit_clean=clean,
        orphans=len(set(world.services.landed_paths()) - files),
    )


def audit_stack(services: Services) -> tuple[bool, str]:
    """Run the operator's audit; returns whether it passed, and its last line."""
    stack = services.data / "stack.json"
    stack.write_text(json.dumps({"settings": services.settings}))
    command = [sys.executable, "-m", "ops", "audit", "--stack", str(stack)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    (services.logs / "audit.log").write_text(done.stdout + done.stderr)
    lines = (done.stdout + done.stderr).splitlines()
    return done.returncode == 0, lines[-1] if lines else "the audit said nothing"


def _judge_partition(
    world: World,
    address: PartitionAddress,
    batches: Sequence[CommittedBatch],
    sent: Sent,
    stored: dict[int, int],
) -> Iterator[PlaceAccount]:
    partition_id = address.partition_id
    generations = _by_making(world, address)
    last = world.archive.makings[-1]
    for making in world.archive.makings:
        generation = generations.pop(making.number, None)
        bodies = making.read(partition_id) if partition_id in making.partition_ids() else {}
        for body in bodies.values():
            if (number := number_of(body)) is not None:
                stored[number] += 1
        place = HubPlace(making=making.number, partition_id=partition_id)
        standing = _standing(generation, has_ended=making is not last)
        taken = world.taken_below.get(place, 0)
        records = _records(world, batches, generation)
        yield judge(place, bodies, records, standing, taken, sent)
    for number, generation in generations.items():
        place = HubPlace(making=number, partition_id=partition_id)
        records = _records(world, batches, generation)
        yield judge(place, {}, records, _standing(generation, has_ended=True), 0, sent)


def _by_making(world: World, address: PartitionAddress) -> dict[int, Generation]:
    """The ledger's generations by the hub's makings; negative keys if there is no such making."""
    makings = {making.created_at: making for making in world.archive.makings}
    found: dict[int, Generation] = {}
    for generation in _generations(world, address):
        created_at = generation.hub_created_at
        made: Making | None = makings.get(created_at) if created_at else None
        number = made.number if made and made.number not in found else -1 - generation.number
        found[number] = generation
    return found


def _generations(world: World, address: PartitionAddress) -> Iterator[Generation]:
    for partition in world.partitions:
        if partition.address == address:
            yield from partition.generations


def _standing(generation: Generation | None, *, has_ended: bool) -> LedgerStanding:
    if generation is None:
        return LedgerStanding(has_ended=has_ended)
    return LedgerStanding(
        start=generation.start,
        head=generation.head,
        lost=tuple(gap.range for gap in generation.gaps if gap.state is not GapState.OPEN),
        has_ended=has_ended,
    )


def _records(
    world: World, batches: Sequence[CommittedBatch], generation: Generation | None
) -> Iterator[Committed]:
    for batch in batches:
        if generation and batch.generation == generation.number:
            yield from read_records(batch, world.services.open_file)

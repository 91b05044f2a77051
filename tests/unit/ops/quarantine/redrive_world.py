"""A quarantine in memory, redrives of it with mended contracts, and ways to disturb them."""

import json
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from ops.quarantine.events import QuarantinedEvent, Selection
from ops.quarantine.reading import Quarantine
from ops.quarantine.redrive import Redrive, Redriver
from shared.contracts.catalog import ContractCatalog
from shared.encoding.compression import Codec
from shared.hub.events import Event, EventBatch
from shared.landing.sweeper import Sweeper
from shared.ledger.batch import Counts
from shared.ledger.partition import Generation
from shared.ledger.store import Commit, StoredPartition
from tests.builders import a_contract, a_core, a_time, an_address, an_event, contracts
from tests.memory import MemoryLake, MemoryLedger
from tests.unit.ops.audit.audit_world import World


class Killed(Exception):  # noqa: N818 - it is no error, it is the end
    """The process is killed here."""


@dataclass
class DisturbedLedger(MemoryLedger):
    """Does something before and after each commit that takes effect."""

    before: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None

    def commit(self, stored: StoredPartition, commit: Commit) -> StoredPartition | None:
        self.before()
        done = super().commit(stored, commit)
        self.after()
        return done


@dataclass
class DisturbedLake(MemoryLake):
    after: Callable[[], None] = lambda: None

    def put_if_absent(self, path: str, data: bytes, sha256: str) -> None:
        super().put_if_absent(path, data, sha256)
        self.after()


@dataclass
class Redriving(World):
    """Events of which every one breaks its contract until the contract is mended for it."""

    lake: DisturbedLake = field(default_factory=DisturbedLake)
    ledger: DisturbedLedger = field(default_factory=DisturbedLedger)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.hold_to(passing(()))
        self.seconds = count(6000)

    def hold_to(self, known: ContractCatalog) -> None:
        """Land what comes from now on by other contracts."""
        self.lander._contracts = known
        self.lander._encoder_of = a_core(known).encoder_of

    def quarantine(self, first: int, last: int, *, later: float = 0, tag: str = "n") -> None:
        """Land a batch of which the even numbers are good, and the odd ones are quarantined."""
        events = tuple(a_tagged_event(n, later, tag) for n in range(first, last + 1))
        if a_time(later) > self.hub.created_at:
            self.hub.remake(a_time(later))
        if a_time(later) == self.hub.created_at:
            self.hub.hold("0", *events)
        self.lander.land(EventBatch(address=an_address(), events=events))

    def redrive(self, known: ContractCatalog, **selection: object) -> Redrive:
        quarantine = Quarantine(self)
        redriver = Redriver(
            contracts=known,
            lake=self.lake,
            ledger=self.ledger,
            history=quarantine.history,
            codec=Codec(),
            clock=lambda: a_time(next(self.seconds)),
        )
        return redriver.redrive(quarantine.read(Selection(**selection)))

    def read(self, **selection: object) -> list[QuarantinedEvent]:
        return list(Quarantine(self).read(Selection(**selection)))

    def kept(self, **selection: object) -> list[tuple[int, str]]:
        """The numbers that are still quarantined, with their reasons."""
        items = [item for item in self.read(**selection) if item.redriven_by is None]
        return sorted((item.event.sequence_number, item.reason) for item in items)

    def redriven(self) -> list[int]:
        """The numbers that landed by a redrive, as often as a redrive's ranges hold them."""
        return sorted(
            n
            for batch in self.ledger.batches
            if batch.is_redrive and any(file.contract for file in batch.files)
            for part in batch.ranges
            for n in range(part.first, part.last + 1)
        )

    def redrives(self) -> int:
        return sum(batch.is_redrive for batch in self.ledger.batches)

    def sweep(self) -> list[str]:
        return list(Sweeper(self.lake, self.ledger).sweep())

    def undisturb(self) -> None:
        self.ledger.before = self.ledger.after = self.lake.after = lambda: None

    @property
    def generations(self) -> tuple[Generation, ...]:
        return self.ledger.heads[an_address()].partition.generations


def a_tagged_event(number: int, later: float, tag: str) -> Event:
    body = {"tag": f"{tag}{number}"} if number % 2 else {"tag": "good"}
    return an_event(number, json.dumps(body).encode(), enqueued_at=a_time(number + later))


def passing(
    numbers: Collection[int], *, tag: str = "n", otherwise: str = "rule_pattern", version: int = 1
) -> ContractCatalog:
    """The contract mended so that these numbers pass; the others fail for the given reason."""
    good = ["good", *(f"{tag}{number}" for number in sorted(numbers))]
    types: dict[str, dict[str, Any]] = {
        "rule_pattern": {"type": "string", "pattern": f"^({'|'.join(good)})$"},
        "unknown_symbol": {"type": {"type": "enum", "name": "Tag", "symbols": good}},
    }
    return contracts(a_contract({"name": "tag", **types[otherwise]}, version=version))


def killing_at(step: int) -> Callable[[], None]:
    """Kill at the so manieth time that this is called."""
    steps = count(1)

    def kill() -> None:
        if next(steps) == step:
            raise Killed

    return kill


def sums(world: Redriving) -> tuple[int, int]:
    totals = sum((known.total for known in world.generations), Counts())
    return totals.landed, totals.quarantined


def reasons(world: Redriving) -> Counter[str]:
    """How often each reason stands in the heads' counts."""
    counted: Counter[str] = Counter()
    for known in world.generations:
        counted.update(known.total.reasons)
    return +counted

"""A lake and a ledger in memory that landing and transform have filled, and ways to spoil them."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from io import BytesIO
from typing import Any

from fastavro import reader, writer

from ops.audit.partitions import GenerationAudit
from ops.audit.problems import Kind, Problem
from ops.audit.run import Audit, Scope, audit_batch, run_audit
from shared.hub.events import Event, EventBatch
from shared.ledger.batch import CommittedBatch, LandedFile
from shared.ledger.partition import Generation
from shared.transform.transformer import Transformer
from shared.transform.windows import WindowLimits
from tests.builders import a_contract, a_time, an_address, an_event, contracts
from tests.landers import a_lander
from tests.memory import (
    MemoryHub,
    MemoryLake,
    MemoryLedger,
    MemoryRunner,
    MemoryWorkStore,
)

NOW = a_time(5000)
OTHER = {"contract": "other"}


@dataclass
class World:
    """It has what the operator's commands ask of a service: a lake, a ledger and works."""

    lake: MemoryLake = field(default_factory=MemoryLake)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    works: MemoryWorkStore = field(default_factory=MemoryWorkStore)
    hub: MemoryHub = field(
        default_factory=lambda: MemoryHub(partitions={"0": (0, -1), "1": (0, -1)})
    )

    def __post_init__(self) -> None:
        self.lander = a_lander(
            self.lake,
            self.ledger,
            self.hub,
            contracts(a_contract(), a_contract(name="other")),
            clock=lambda: NOW,
        )

    def land(self, first: int, last: int, *, later: float = 0, partition_id: str = "0") -> None:
        """Land events of which some are bad, and some of the other contract.

        Later ones are of a hub that was made anew.
        """
        events = tuple(an_event_of(number, later) for number in range(first, last + 1))
        if a_time(later) > self.hub.created_at:
            self.hub.remake(a_time(later))
        if a_time(later) == self.hub.created_at:
            self.hub.hold(partition_id, *events)
        self.lander.land(EventBatch(address=an_address(partition_id), events=events))

    def transform(self, *, files: int = 2) -> None:
        """Give what is committed to windows of so many files; the rest waits."""
        Transformer(
            ledger=self.ledger,
            works=self.works,
            lake=self.lake,
            runner=MemoryRunner(),
            limits=WindowLimits(files=files, bytes=1 << 30, age=timedelta(days=1)),
            backoff=timedelta(seconds=1),
            timeout=timedelta(hours=1),
            lake_uri="lake",
            clock=lambda: NOW,
        ).tick()

    def audit(self, **scope: str) -> Audit:
        return run_audit(
            self,
            Scope(**scope),
            lambda batches: (audit_batch(batch, self.lake.read) for batch in batches),
            lambda *_: None,
        )

    def file(self, at: int = 0, contract: str = "simple/1") -> LandedFile:
        """The file of a contract, or without one of the quarantine, in the batch at a place."""
        return next(f for f in self.ledger.batches[at].files if f.contract == contract)

    def change_batch(self, at: int, **changes: Any) -> CommittedBatch:
        self.ledger.batches[at] = replace(self.ledger.batches[at], **changes)
        return self.ledger.batches[at]

    def change_head(self, **changes: Any) -> None:
        stored = self.ledger.heads[an_address()]
        changed = replace(stored.partition.current, **changes)
        self.ledger.heads[an_address()] = replace(
            stored, partition=stored.partition.with_generation(changed)
        )

    def change_manifest(self, change: Callable[[bytes], bytes], at: int = 0) -> str:
        path = self.manifests()[at]
        self.lake.files[path] = change(self.lake.files[path])
        return path

    def manifests(self) -> list[str]:
        return list(self.lake.list_files("_landfall/windows"))

    def rewrite(self, at: int, contract: str, change: Callable[[list[Any]], Any]) -> LandedFile:
        """Change a file's records as a faulty encoder would: the ledger has the file's new hash."""
        file = self.file(at, contract)
        read = reader(BytesIO(self.lake.files[file.path]))
        records = list(read)
        change(records)
        out = BytesIO()
        ours = {k: v for k, v in read.metadata.items() if k.startswith("landfall.")}
        writer(out, read.writer_schema, records, codec="deflate", metadata=ours)
        data = self.lake.files[file.path] = out.getvalue()
        sha256 = hashlib.sha256(data).hexdigest()
        changed = replace(file, records=len(records), bytes=len(data), sha256=sha256)
        files = self.ledger.batches[at].files
        self.change_batch(at, files=tuple(changed if f == file else f for f in files))
        return changed


def an_event_of(number: int, later: float = 0) -> Event:
    return an_event(
        number,
        enqueued_at=a_time(number + later),
        properties=OTHER if number % 3 == 1 else {"contract": "nobody"} if number % 7 == 6 else {},
        **({"body": b"?"} if number % 5 == 2 else {}),
    )


def a_world() -> World:
    """Two generations of one partition, with a gap in each, another partition, and windows."""
    world = World()
    world.land(0, 9)
    world.land(10, 19)
    world.land(25, 29)
    world.land(0, 9, partition_id="1")
    world.land(0, 9, later=1000)
    world.land(15, 19, later=1000)
    world.transform()
    return world


def kinds(audit: Audit) -> set[Kind]:
    return {problem.kind for problem in audit.problems}


def of_kind(audit: Audit, kind: Kind) -> list[Problem]:
    return [problem for problem in audit.problems if problem.kind is kind]


def named(audit: Audit, kind: Kind) -> set[str | None]:
    """The paths of the problems of a kind."""
    return {problem.path for problem in of_kind(audit, kind)}


def holders(audit: Audit) -> set[str]:
    """The files that hold a number more than once between them."""
    (problem,) = of_kind(audit, Kind.NUMBER_TWICE)
    _, *others = problem.detail.split(" and ")
    return {str(problem.path), *others}


def numbers(audit: Audit, kind: Kind) -> list[tuple[int, int]]:
    """The ranges of the problems of a kind."""
    return [(p.range.first, p.range.last) for p in of_kind(audit, kind) if p.range]


def sums(line: GenerationAudit) -> tuple[int, int, int, int]:
    return line.landed, line.quarantined, line.open, line.lost


def current_of(world: World) -> Generation:
    return world.ledger.heads[an_address()].partition.current

"""Where everything stands, as one value: built from the ledger, the hub and the contracts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from shared.contracts.contract import ContractId
from shared.encoding.encoder_choice import Core
from shared.hub.address import PartitionAddress
from shared.hub.properties import HubPartition
from shared.landing.circuit_breaker import Outage
from shared.ledger.batch import Counts
from shared.ledger.generations import first_partition
from shared.ledger.partition import Gap, GapState, Generation, Partition
from shared.status.work import WorkStatus

PipelineState = Literal["ok", "degraded", "failing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Every known sequence number once: events = landed + quarantined + missing + lost."""

    #: All numbers below the heads.
    events: int
    #: Committed to bronze.
    landed: int
    #: Committed to the quarantine.
    quarantined: int
    #: Deliveries beyond the first; not events of their own.
    duplicates: int
    #: In open gaps.
    missing: int
    #: In gaps that nobody can fill any more.
    lost: int
    #: The lost events that no person has acknowledged.
    unacknowledged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionStatus:
    """One generation of a partition; what the hub did not tell is None."""

    #: The partition.
    address: PartitionAddress
    #: The generation's number.
    generation: int
    #: The lowest number that the ledger knows.
    start: int
    #: The number after the highest committed one.
    head: int
    #: The highest number that the hub has.
    last_enqueued: int | None
    #: How many events the hub has beyond the head.
    lag_events: int | None
    #: The oldest event that is not committed has waited for at most this long.
    lag_seconds: float | None
    #: Numbers below the head that are not committed.
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractStatus:
    """A contract's counts; name and version are None for events without a known contract."""

    name: str | None
    version: int | None
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineStatus:
    """The whole answer of `GET /api/status`."""

    #: The whole in one word.
    state: PipelineState
    #: When it was put together.
    as_of: datetime
    #: Why it is not `ok`.
    reasons: tuple[str, ...]
    #: Of all partitions.
    totals: Totals
    #: Each generation of each partition.
    partitions: tuple[PartitionStatus, ...]
    #: Every contract, and what names none that is known.
    contracts: tuple[ContractStatus, ...]
    #: What Databricks has to do.
    work: WorkStatus = field(default_factory=WorkStatus)
    #: What landing waits for, if anything.
    outage: Outage | None = None
    #: What judges and encodes; None where the service cannot start.
    core: Core | None = None


def describe_pipeline(
    *,
    partitions: Sequence[Partition],
    hub_partitions: Sequence[HubPartition],
    contracts: Sequence[ContractId],
    work: WorkStatus,
    problems: Sequence[str],
    as_of: datetime,
    outage: Outage | None = None,
    conflicts: Sequence[str] = (),
    core: Core | None = None,
) -> PipelineStatus:
    """Build the status.

    `problems` are the dependencies that did not answer. `outage` is what landing waits for, and
    `conflicts` are what it cannot go on with, both in this process.
    """
    generations = [known for partition in partitions for known in partition.generations]
    totals = _totals(generations)
    reasons = [*work.failed, *conflicts, *problems, *work.hindered]
    if outage:
        reasons.append(f"{outage.dependency}: down since {outage.since.isoformat()}, landing waits")
    if totals.unacknowledged:
        reasons.append(f"lost: {totals.unacknowledged} events that the hub no longer holds")
    if totals.missing:
        reasons.append(f"missing: {totals.missing} events in open gaps")
    is_failing = totals.unacknowledged or work.failed or conflicts
    state: PipelineState = "failing" if is_failing else "degraded" if reasons else "ok"
    return PipelineStatus(
        state=state,
        as_of=as_of,
        reasons=tuple(reasons),
        totals=totals,
        partitions=_partitions(partitions, hub_partitions, as_of),
        contracts=_contracts(generations, contracts),
        work=work,
        outage=outage,
        core=core,
    )


def failing_pipeline(problem: str, as_of: datetime) -> PipelineStatus:
    """The status of a service that cannot start."""
    return PipelineStatus(
        state="failing",
        as_of=as_of,
        reasons=(problem,),
        totals=_totals(()),
        partitions=(),
        contracts=(),
    )


def _totals(generations: Sequence[Generation]) -> Totals:
    return Totals(
        events=sum(known.head - known.start for known in generations),
        landed=sum(known.total.landed for known in generations),
        quarantined=sum(known.total.quarantined for known in generations),
        duplicates=sum(known.duplicates for known in generations),
        missing=sum(known.in_gaps(GapState.OPEN) for known in generations),
        lost=sum(known.lost for known in generations),
        unacknowledged=sum(known.in_gaps(GapState.LOST) for known in generations),
    )


def _partitions(
    partitions: Sequence[Partition], hub_partitions: Sequence[HubPartition], as_of: datetime
) -> tuple[PartitionStatus, ...]:
    told = {item.address: item for item in hub_partitions}
    known = {partition.address for partition in partitions}
    unknown = [first_partition(item) for item in hub_partitions if item.address not in known]
    return tuple(
        _partition(partition, generation, told.get(partition.address), as_of)
        for partition in (*partitions, *unknown)
        for generation in partition.generations
    )


def _partition(
    partition: Partition, generation: Generation, told: HubPartition | None, as_of: datetime
) -> PartitionStatus:
    if generation != partition.current:
        told = None  # the hub tells of the current generation alone
    lag_events = max(0, told.last_enqueued + 1 - generation.head) if told else None
    since = generation.head_enqueued_at or (told.last_enqueued_at if told else None)
    waited = max(0.0, (as_of - since).total_seconds()) if since else None
    return PartitionStatus(
        address=partition.address,
        generation=generation.number,
        start=generation.start,
        head=generation.head,
        last_enqueued=told.last_enqueued if told else None,
        lag_events=lag_events,
        lag_seconds=waited if lag_events else lag_events,
        gaps=generation.gaps,
    )


def _contracts(
    generations: Sequence[Generation], contracts: Sequence[ContractId]
) -> tuple[ContractStatus, ...]:
    counted: dict[str, Counts] = {str(contract): Counts() for contract in contracts}
    for known in generations:
        for name, counts in known.counts.items():
            counted[name] = counted.get(name, Counts()) + counts
    return tuple(_contract(name, counts) for name, counts in sorted(counted.items()))


def _contract(reference: str, counts: Counts) -> ContractStatus:
    name, _, version = reference.partition("/")
    return ContractStatus(
        name=name or None, version=int(version) if version else None, counts=counts
    )

"""Where everything stands, as one value: built from the ledger, the hub and the contracts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from shared.contracts.contract import ContractId
from shared.encoding.encoder_choice import Core
from shared.hub.properties import HubPartition
from shared.landing.circuit_breaker import Outage
from shared.ledger.counts import Counts
from shared.ledger.partition import Gap, GapState, PartitionState
from shared.status.work import WorkStatus

PipelineState = Literal["ok", "degraded", "failing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Every known sequence number once: events = landed + quarantined + missing + lost.

    Duplicates are deliveries beyond the first, and no events of their own. Unacknowledged are
    those of the lost that no person has acknowledged.
    """

    events: int
    landed: int
    quarantined: int
    duplicates: int
    missing: int
    lost: int
    unacknowledged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionStatus:
    """One generation of a partition; what the hub did not tell is None.

    `lag_seconds` is at most how long the oldest event that is not committed has waited.
    """

    hub: str
    partition_id: str
    generation: int
    start: int
    head: int
    last_enqueued: int | None
    lag_events: int | None
    lag_seconds: float | None
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

    state: PipelineState
    as_of: datetime
    reasons: tuple[str, ...]
    totals: Totals
    partitions: tuple[PartitionStatus, ...]
    contracts: tuple[ContractStatus, ...]
    work: WorkStatus = field(default_factory=WorkStatus)
    outage: Outage | None = None
    core: Core | None = None


def describe_pipeline(
    *,
    states: Sequence[PartitionState],
    hub_partitions: Sequence[HubPartition],
    contracts: Sequence[ContractId],
    work: WorkStatus,
    problems: Sequence[str],
    as_of: datetime,
    outage: Outage | None = None,
    conflicts: Sequence[str] = (),
    core: Core | None = None,
) -> PipelineStatus:
    """Build the status; `problems` are the dependencies that did not answer.

    `outage` is what landing waits for, `conflicts` what it cannot go on with, in this process.
    """
    totals = _totals(states)
    reasons = [*work.given_up, *conflicts, *problems, *work.hindered]
    if outage:
        reasons.append(f"{outage.dependency}: down since {outage.since.isoformat()}, landing waits")
    if totals.unacknowledged:
        reasons.append(f"lost: {totals.unacknowledged} events that the hub no longer holds")
    if totals.missing:
        reasons.append(f"missing: {totals.missing} events in open gaps")
    is_failing = totals.unacknowledged or work.given_up or conflicts
    state: PipelineState = "failing" if is_failing else "degraded" if reasons else "ok"
    return PipelineStatus(
        state=state,
        as_of=as_of,
        reasons=tuple(reasons),
        totals=totals,
        partitions=_partitions(states, hub_partitions, as_of),
        contracts=_contracts(states, contracts),
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


def _totals(states: Sequence[PartitionState]) -> Totals:
    return Totals(
        events=sum(state.head - state.start for state in states),
        landed=sum(state.total.landed for state in states),
        quarantined=sum(state.total.quarantined for state in states),
        duplicates=sum(state.duplicates for state in states),
        missing=sum(state.in_gaps(GapState.OPEN) for state in states),
        lost=sum(state.lost for state in states),
        unacknowledged=sum(state.in_gaps(GapState.LOST) for state in states),
    )


def _partitions(
    states: Sequence[PartitionState], hub_partitions: Sequence[HubPartition], as_of: datetime
) -> tuple[PartitionStatus, ...]:
    told = {(item.hub, item.partition_id): item for item in hub_partitions}
    newest = {(state.hub, state.partition_id): state.generation for state in states}
    known = [
        _partition(state, told.get(key) if state.generation == newest[key] else None, as_of)
        for state in states
        for key in ((state.hub, state.partition_id),)
    ]
    unknown = [
        _partition(_without_head(item), item, as_of)
        for key, item in told.items()
        if key not in newest
    ]
    return tuple(known + unknown)


def _without_head(item: HubPartition) -> PartitionState:
    return PartitionState(
        hub=item.hub,
        partition_id=item.partition_id,
        generation=0,
        start=item.begin,
        head=item.begin,
    )


def _partition(
    state: PartitionState, told: HubPartition | None, as_of: datetime
) -> PartitionStatus:
    lag_events = max(0, told.last_enqueued + 1 - state.head) if told else None
    since = state.head_enqueued_at or (told.last_enqueued_at if told else None)
    waited = max(0.0, (as_of - since).total_seconds()) if since else None
    return PartitionStatus(
        hub=state.hub,
        partition_id=state.partition_id,
        generation=state.generation,
        start=state.start,
        head=state.head,
        last_enqueued=told.last_enqueued if told else None,
        lag_events=lag_events,
        lag_seconds=waited if lag_events else lag_events,
        gaps=state.gaps,
    )


def _contracts(
    states: Sequence[PartitionState], contracts: Sequence[ContractId]
) -> tuple[ContractStatus, ...]:
    counted: dict[str, Counts] = {str(contract): Counts() for contract in contracts}
    for state in states:
        for name, counts in state.counts.items():
            counted[name] = counted.get(name, Counts()) + counts
    return tuple(_contract(name, counts) for name, counts in sorted(counted.items()))


def _contract(reference: str, counts: Counts) -> ContractStatus:
    name, _, version = reference.partition("/")
    return ContractStatus(
        name=name or None, version=int(version) if version else None, counts=counts
    )

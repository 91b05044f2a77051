"""Plan and commit as landing does, in steps that a test of the ledger reads well with."""

from dataclasses import replace
from datetime import datetime

from shared.hub.events import EventBatch
from shared.ledger.generations import (
    HubWitness,
)
from shared.ledger.partition import Partition
from shared.ledger.planning import apply_commit, plan_batch
from tests.builders import (
    a_commit,
    a_time,
)

NOW: datetime = a_time(1000)


def commit(partition: Partition, batch: EventBatch) -> Partition:
    """Plan and apply, as landing does."""
    plan = plan_batch(partition, batch)
    if not plan.new:
        return apply_commit(plan, None, NOW)
    events = batch.select(plan.new)
    committed = a_commit(
        *plan.new, number=plan.partition.commits + 1, last_enqueued_at=events[-1].enqueued_at
    )
    return apply_commit(plan, committed, NOW)


def of_hub_made(partition: Partition, at: datetime) -> Partition:
    """The partition, of whose hub it is known when it was made."""
    return replace(partition, current=replace(partition.current, hub_created_at=at))


def a_witness(*, created_at: float, holds_first: bool | None = True) -> HubWitness:
    return HubWitness(hub_created_at=a_time(created_at), holds_first=holds_first)

"""Values with defaults, so that a test says only what it is about."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from shared.contracts.catalog import ContractCatalog
from shared.contracts.contract import Contract, ContractId, parse_contract
from shared.encoding.encoder_choice import Core, CoreChoice, choose_core
from shared.hub.address import GenerationAddress, PartitionAddress
from shared.hub.events import Event, EventBatch
from shared.hub.sequence_range import SequenceRange
from shared.ledger.batch import CommittedBatch, Counts, LandedFile
from shared.ledger.partition import Gap, GapState, Generation, Partition
from shared.transform.work import Work

START = datetime(2026, 1, 1, tzinfo=UTC)
SIMPLE_FIELDS: tuple[dict[str, Any], ...] = (
    {"name": "id", "type": "long"},
    {"name": "note", "type": ["null", "string"], "default": None},
)


def an_address(partition_id: str = "0") -> PartitionAddress:
    return PartitionAddress(hub="hub", partition_id=partition_id)


def a_place(partition_id: str = "0", generation: int = 0) -> GenerationAddress:
    return GenerationAddress(partition=an_address(partition_id), generation=generation)


def a_time(seconds: float = 0) -> datetime:
    return START + timedelta(seconds=seconds)


def a_schema(*fields: Mapping[str, Any], name: str = "simple") -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields or SIMPLE_FIELDS)}


def a_contract(*fields: Mapping[str, Any], name: str = "simple", version: int = 1) -> Contract:
    schema = a_schema(*fields, name=name)
    return parse_contract(ContractId(name=name, version=version), schema, f"{name}/{version}.avsc")


def contracts(*known: Contract, default: str | None = "simple") -> ContractCatalog:
    return ContractCatalog(known or (a_contract(),), default)


def a_core(known: ContractCatalog | None = None) -> Core:
    """The core that LANDFALL_CORE says, else the native one where it is built."""
    choice = {"LANDFALL_CORE": "auto", **os.environ}["LANDFALL_CORE"]
    return choose_core(known or contracts(), cast("CoreChoice", choice))


def an_event(number: int = 0, body: bytes | None = None, **changes: Any) -> Event:
    values: dict[str, Any] = {
        "sequence_number": number,
        "enqueued_at": a_time(number),
        "body": json.dumps({"id": number}).encode() if body is None else body,
    }
    return Event(**values | changes)


def a_batch(first: int, last: int, *, later: float = 0, partition_id: str = "0") -> EventBatch:
    """The events first to last; `later` moves when they entered the hub."""
    events = [an_event(n, enqueued_at=a_time(n + later)) for n in range(first, last + 1)]
    return EventBatch(address=an_address(partition_id), events=tuple(events))


def a_batch_of(*events: Event) -> EventBatch:
    return EventBatch(address=an_address(), events=events)


def a_range(first: int, last: int) -> SequenceRange:
    return SequenceRange(first=first, last=last)


def a_gap(first: int, last: int, state: GapState = GapState.OPEN) -> Gap:
    return Gap(range=a_range(first, last), state=state, since=START)


def a_generation(start: int = 0, head: int = 0, *gaps: Gap, **changes: Any) -> Generation:
    values: dict[str, Any] = {
        "number": 0,
        "start": start,
        "head": head,
        "head_enqueued_at": a_time(head - 1) if head > start else None,
        "gaps": gaps,
    }
    return Generation(**values | changes)


def a_partition(start: int = 0, head: int = 0, *gaps: Gap, **changes: Any) -> Partition:
    """A partition; changes are of the partition itself, or else of its current generation."""
    own = {name: changes.pop(name) for name in ("address", "ended", "commits") if name in changes}
    current = a_generation(start, head, *gaps, **changes)
    return Partition(**{"address": an_address(), "current": current} | own)


def a_commit(*ranges: SequenceRange, number: int = 1, **changes: Any) -> CommittedBatch:
    first, last = ranges[0].first, ranges[-1].last
    landed = sum(part.count for part in ranges)
    file = LandedFile(
        path=f"bronze/simple/{first}-{last}.avro",
        contract="simple/1",
        records=landed,
        bytes=100,
        sha256="ab" * 32,
    )
    values: dict[str, Any] = {
        "batch_id": f"hub/p000/{first}-{last}",
        "number": number,
        "address": an_address(),
        "generation": 0,
        "ranges": ranges,
        "files": (file,),
        "counts": {"simple/1": Counts(landed=landed)},
        "first_enqueued_at": a_time(first),
        "last_enqueued_at": a_time(last),
        "committed_at": a_time(last + 1),
    }
    return CommittedBatch(**values | changes)


def a_work(work_id: str = "w-1", seconds: float = 0, **changes: Any) -> Work:
    work = Work(
        kind="window",
        work_id=work_id,
        contract="telemetry/1",
        path=f"_landfall/windows/{work_id}.json",
        source=work_id,
        created_at=a_time(seconds),
    )
    return replace(work, **changes)

"""Contracts, and the service's judgment of what the producer made, for the producer's tests."""

import csv
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from producer.stream import OutgoingEvent
from shared.adapters.contract_files import load_contracts
from shared.contracts.catalog import ContractCatalog
from shared.contracts.contract import Contract, ContractId, parse_contract
from shared.encoding.judging import AcceptedEvent, RejectedEvent, judge
from shared.hub.events import Event
from shared.values.rejection import Reason
from tests.root import ROOT

NOT_IN_TELEMETRY = {Reason.BAD_BASE64, Reason.BAD_DECIMAL, Reason.BAD_DATE, Reason.BAD_TIME}
SHIPMENT = {
    "type": "record",
    "name": "shipment",
    "fields": [
        {"name": "weight", "type": "double", "exclusiveMinimum": 0},
        {"name": "due", "type": ["null", {"type": "int", "logicalType": "date"}], "default": None},
        {"name": "items", "type": {"type": "array", "items": "string"}},
        {"name": "seals", "type": {"type": "map", "values": {"type": "record", "name": "Seal",
            "fields": [{"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
                       {"name": "count", "type": "int", "maximum": 9}]}}},
        {"name": "carrier", "type": ["null", {"type": "record", "name": "Carrier", "fields": [
            {"name": "code", "type": "string", "maxLength": 3, "pattern": "^[A-Z]*$"}]}]},
        {"name": "checked", "type": "boolean"},
        {"name": "tag", "type": ["string", "long", "null"]},
        {"name": "opens", "type": {"type": "int", "logicalType": "time-millis"}, "default": 0},
        {"name": "label", "type": "bytes", "default": ""},
        {"name": "batch", "type": {"type": "fixed", "name": "Batch", "size": 4},
         "default": "abcd"},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 6,
            "scale": 2}, "default": "\0"},
    ],
}  # fmt: skip


def shipment() -> Contract:
    """A contract with what the built-in ones lack: dates, and rules deep inside."""
    return parse_contract(ContractId(name="shipment", version=1), SHIPMENT, "shipment/1.avsc")


CONTRACTS = ContractCatalog([*load_contracts(ROOT / "contracts"), shipment()])


def contract(name: str) -> Contract:
    found = CONTRACTS.find(name)
    assert isinstance(found, Contract)
    return found


def judged(event: OutgoingEvent) -> AcceptedEvent | RejectedEvent:
    """Judge an event as the service does."""
    received = Event(
        sequence_number=event.index,
        enqueued_at=datetime(2026, 1, 1, tzinfo=UTC),
        body=event.body,
        properties={"contract": event.contract},
        content_type=event.content_type,
    )
    return judge(received, CONTRACTS)


def reason_of(event: OutgoingEvent) -> str | None:
    outcome = judged(event)
    return outcome.rejection.reason if isinstance(outcome, RejectedEvent) else None


def rejected(events: Iterable[OutgoingEvent]) -> list[tuple[str, str, int]]:
    """The reason, path and index of each event that the service keeps in quarantine."""
    outcomes = [(event, judged(event)) for event in events]
    return [
        (outcome.rejection.reason, outcome.rejection.path, event.index)
        for event, outcome in outcomes
        if isinstance(outcome, RejectedEvent)
    ]


def meteorite_values(path: Path) -> list[dict[str, Any]]:
    """What the rows of NASA's meteorite file say, read without the producer."""
    with path.open(encoding="utf-8", newline="") as file:
        return [_meteorite(row) for row in csv.DictReader(file)]


def _meteorite(row: dict[str, str]) -> dict[str, Any]:
    return {
        "name": row["name"],
        "id": int(row["id"]),
        "nametype": row["nametype"],
        "recclass": row["recclass"],
        "mass_g": _number(row["mass (g)"]),
        "fall": row["fall"],
        "year": int(row["year"]) if row["year"] else None,
        "reclat": _number(row["reclat"]),
        "reclong": _number(row["reclong"]),
    }


def approach_values(path: Path) -> list[dict[str, Any]]:
    """What the rows of NASA's close-approach file say, read without the producer."""
    document = json.loads(path.read_bytes())
    rows = [dict(zip(document["fields"], row, strict=True)) for row in document["data"]]
    return [_approach(row) for row in rows]


def _approach(row: dict[str, Any]) -> dict[str, Any]:
    at = datetime.strptime(row["cd"], "%Y-%b-%d %H:%M").replace(tzinfo=UTC)
    return {
        "designation": row["des"],
        "orbit_id": row["orbit_id"],
        "close_approach_at": at.isoformat(),
        "dist_au": float(row["dist"]),
        "dist_min_au": float(row["dist_min"]),
        "dist_max_au": float(row["dist_max"]),
        "v_rel_km_s": float(row["v_rel"]),
        "v_inf_km_s": _number(row["v_inf"]),
        "t_sigma": row["t_sigma_f"],
        "h_mag": _number(row["h"]),
    }


def _number(text: str | None) -> float | None:
    return float(text) if text else None

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.account import Document, wait_until_committed
from local.stack import Stack
from tests.acceptance.steps import (
    CLOSE_APPROACHES,
    METEORITES,
    committed_records,
    needs_nasa,
    produce,
    times_seen,
    totals,
)

SMALL_METEORITES = """name,id,nametype,recclass,mass (g),fall,year,reclat,reclong,GeoLocation
Aachen,1,Valid,L5,21,Fell,1880,50.775000,6.083330,"(50.775, 6.08333)"
"Somewhere, far",2,Relict,"Iron, IVA",,Found,,,,
Beyond,3,Valid,H6,0.15,Found,1952,1.5,354.473330,"(1.5, 354.47333)"
"""


@pytest.fixture(params=["small", pytest.param("nasa", marks=needs_nasa)])
def meteorites(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    small = tmp_path / "small.csv"
    small.write_text(SMALL_METEORITES)
    return {"small": small, "nasa": METEORITES}[request.param]


def test_every_meteorite_lands_as_its_row_says_but_the_one_out_of_range(
    stack: Stack, meteorites: Path
) -> None:
    expected = meteorites_of(meteorites)
    report = produce(stack, "--contract", "meteorite_landing", "--file", str(meteorites))

    status = wait_until_committed(stack, report["sent"])

    landed, quarantined = committed_records(stack)
    assert report["sent"] == len(expected)
    assert totals(status)["landed"] == len(expected) - 1
    assert times_seen(landed + quarantined) == {1}
    assert [(row["reason"], row["path"]) for row in quarantined] == [("rule_maximum", "reclong")]
    assert "354.47333" in quarantined[0]["detail"]
    refused = json.loads(quarantined[0]["body"])["id"]
    del expected[refused]
    assert {row["id"]: without_origin(row) for row in landed} == expected


@needs_nasa
def test_every_close_approach_lands_as_its_row_says(stack: Stack) -> None:
    expected = close_approaches_of(CLOSE_APPROACHES)
    report = produce(stack, "--contract", "close_approach", "--file", str(CLOSE_APPROACHES))

    status = wait_until_committed(stack, report["sent"])

    landed, _ = committed_records(stack)
    assert (report["sent"], totals(status)["landed"]) == (4700, 4700)
    assert times_seen(landed) == {1}
    assert sorted(map(without_origin, landed), key=order) == sorted(expected, key=order)


def meteorites_of(path: Path) -> dict[int, Document]:
    """The file's rows as the contract has them, read by nothing of ours."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        int(row["id"]): {
            "name": row["name"],
            "id": int(row["id"]),
            "nametype": row["nametype"],
            "recclass": row["recclass"],
            "mass_g": number(row["mass (g)"]),
            "fall": row["fall"],
            "year": int(row["year"]) if row["year"] else None,
            "reclat": number(row["reclat"]),
            "reclong": number(row["reclong"]),
        }
        for row in rows
    }


def close_approaches_of(path: Path) -> list[Document]:
    document = json.loads(path.read_text())
    rows = [dict(zip(document["fields"], row, strict=True)) for row in document["data"]]
    return [
        {
            "designation": row["des"],
            "orbit_id": row["orbit_id"],
            "close_approach_at": datetime.strptime(row["cd"], "%Y-%b-%d %H:%M").replace(tzinfo=UTC),
            "dist_au": float(row["dist"]),
            "dist_min_au": float(row["dist_min"]),
            "dist_max_au": float(row["dist_max"]),
            "v_rel_km_s": float(row["v_rel"]),
            "v_inf_km_s": number(row["v_inf"]),
            "t_sigma": row["t_sigma_f"],
            "h_mag": number(row["h"]),
        }
        for row in rows
    ]


def without_origin(record: Document) -> Document:
    return {name: value for name, value in record.items() if name != "_landfall"}


def number(text: str | None) -> float | None:
    return float(text) if text else None


def order(row: Document) -> tuple[Any, ...]:
    return row["designation"], row["close_approach_at"], row["dist_au"]

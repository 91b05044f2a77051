"""The stack's Delta tables, read by delta-rs, which is independent of their writer."""

import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from local.account import lake_folder
from local.parts import ROOT
from local.stack import Stack

CONTRACTS = ROOT / "contracts"

# A line in the header of a gold table's SQL names the column that counts silver's rows.
COUNTS = re.compile(r"^-- counts: (\w+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silver:
    """How many rows a contract's table has, and how many distinct events they are."""

    rows: int
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """How many rows a gold table has, and how many events they count."""

    name: str
    rows: int
    events: int


def read_silver(stack: Stack, contract: str) -> Silver:
    """Count a contract's silver; zeros if there is no table yet."""
    folder = lake_folder(stack) / "silver" / contract
    if not _is_table(folder):
        return Silver(rows=0, events=0)
    identity = pl.scan_delta(str(folder)).select("_landfall").collect()["_landfall"]
    events = identity.struct.unnest().drop("enqueued_at").n_unique()
    return Silver(rows=len(identity), events=events)


def read_gold(stack: Stack, contract: str) -> tuple[Gold, ...]:
    """Count a contract's gold tables; skips tables that do not name their count column."""
    files = sorted((CONTRACTS / contract / "gold").glob("*.sql"))
    counting = [(file.stem, COUNTS.search(file.read_text())) for file in files]
    return tuple(_read_gold(stack, name, found[1]) for name, found in counting if found)


def _read_gold(stack: Stack, name: str, column: str) -> Gold:
    table = pl.scan_delta(str(lake_folder(stack) / "gold" / name))
    counts = table.select(column).collect()[column]
    return Gold(name=name, rows=len(counts), events=int(counts.sum()))


def _is_table(folder: Path) -> bool:
    return (folder / "_delta_log").is_dir()

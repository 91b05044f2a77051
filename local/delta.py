"""The stack's Delta tables, read back by delta-rs: another reader than the one that wrote them."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from local.account import lake_folder
from local.stack import Stack

# Each contract's gold table, and its column that counts silver's rows.
GOLD = {
    "telemetry": ("telemetry_by_device_and_hour", "events"),
    "meteorite_landing": ("meteorites_by_decade_and_class", "meteorites"),
    "close_approach": ("close_approaches_by_month", "approaches"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Silver:
    """How many rows a contract's table has, and how many different events they are."""

    rows: int
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """How many rows a contract's gold table has, and how many events they count."""

    name: str
    rows: int
    events: int


def read_silver(stack: Stack, contract: str) -> Silver:
    """Count a contract's silver; zeros where there is no table yet."""
    folder = lake_folder(stack) / "silver" / contract
    if not _is_table(folder):
        return Silver(rows=0, events=0)
    identity = pl.scan_delta(str(folder)).select("_landfall").collect()["_landfall"]
    events = identity.struct.unnest().drop("enqueued_at").n_unique()
    return Silver(rows=len(identity), events=events)


def read_gold(stack: Stack, contract: str) -> Gold | None:
    """Count a contract's gold; None where it has no gold table."""
    if contract not in GOLD:
        return None
    name, counting = GOLD[contract]
    counts = pl.scan_delta(str(lake_folder(stack) / "gold" / name)).select(counting).collect()
    return Gold(name=name, rows=len(counts), events=int(counts[counting].sum()))


def _is_table(folder: Path) -> bool:
    return (folder / "_delta_log").is_dir()

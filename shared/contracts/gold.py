"""A gold table as it is declared beside its contract: a SELECT over silver, with its grain.

The header's comment lines name what a reader of the SQL must know:

    -- grain: device_id, hour
    -- counts: events
"""

import re
from dataclasses import dataclass

from shared.errors import MisconfiguredError

TABLE_NAME = re.compile(r"[a-z][a-z0-9_]*")
DECLARED = re.compile(r"--\s*(?P<name>grain|counts):(?P<value>.*)")
COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldTable:
    """One gold table of a contract."""

    name: str
    #: A SELECT from `silver`, which is the contract's silver table.
    query: str
    #: The columns that identify a row: there is one row for each combination.
    grain: tuple[str, ...]
    #: The column that counts silver's rows, if there is one: its sum is silver's row count.
    counts: str | None = None


def parse_gold(name: str, text: str, source: str) -> GoldTable:
    """Read contracts/<contract>/gold/<name>.sql; raises MisconfiguredError with the file."""
    if not TABLE_NAME.fullmatch(name):
        raise _refused(source, "a gold table's file is named in lower case: a-z, 0-9, _")
    lines = text.splitlines()
    declared = {
        matched["name"]: matched["value"].strip()
        for line in lines
        if (matched := DECLARED.fullmatch(line.strip()))
    }
    grain = tuple(part.strip() for part in declared.get("grain", "").split(","))
    if not all(map(COLUMN.fullmatch, grain)):
        raise _refused(source, "its header names no grain: `-- grain: column, column`")
    counts = declared.get("counts")
    if counts is not None and not COLUMN.fullmatch(counts):
        raise _refused(source, f"its header counts {counts!r}, which is no column")
    query = "\n".join(line for line in lines if not line.lstrip().startswith("--")).strip()
    if not re.match(r"(select|with)\b", query, re.IGNORECASE):
        raise _refused(source, "it is no SELECT")
    return GoldTable(name=name, query=query, grain=grain, counts=counts)


def _refused(source: str, problem: str) -> MisconfiguredError:
    return MisconfiguredError(f"{source}: {problem}", hint="mend the gold table's file")

"""Contracts as files: contracts/<name>/<version>.avsc, read once at start.

Beside them stand `mapping.json`, for files that name the contract's fields differently,
and `gold/<table>.sql`, the gold tables that are made of its silver.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.contracts.contract import Contract, ContractId, parse_contract
from shared.contracts.gold import GoldTable, parse_gold
from shared.contracts.mapping import FileMapping, parse_mapping
from shared.errors import MisconfiguredError

# The contracts that are deployed with this code, in the app and in the jobs' wheel.
CONTRACTS_FOLDER = Path(__file__).parents[2] / "contracts"
CONTRACT_NAME = re.compile(r"[a-z][a-z0-9_]*")
GOLD = "gold"
MAPPING = "mapping.json"
VERSION = re.compile(r"[1-9][0-9]*")


def load_contracts(folder: Path) -> tuple[Contract, ...]:
    """Load every contract below a folder.

    Raises MisconfiguredError, naming each file and field at fault, when any cannot be used.
    """
    loaded: list[Contract] = []
    problems: list[str] = []
    for path in sorted(folder.glob("*/*")):
        if path.name == GOLD:
            continue
        try:
            if path.name == MAPPING:
                _load_mapping(path, folder)
            else:
                loaded.append(_load(path, folder))
        except MisconfiguredError as error:
            problems.append(str(error))
    if not loaded and not problems:
        problems.append(f"no contract below {folder}")
    if problems:
        raise MisconfiguredError("; ".join(problems))
    return tuple(loaded)


def load_gold(folder: Path, contract: str) -> tuple[GoldTable, ...]:
    """Load a contract's gold tables, by name; raises MisconfiguredError with the file at fault."""
    return tuple(
        parse_gold(path.stem, path.read_text(), str(path.relative_to(folder.parent)))
        for path in sorted((folder / contract / GOLD).glob("*.sql"))
    )


def load_all_gold(folder: Path) -> Mapping[str, tuple[GoldTable, ...]]:
    """Load every contract's gold tables, by contract; raises MisconfiguredError.

    All gold tables stand in one folder of the lake, so two of the same name are refused.
    """
    names = sorted(path.parent.name for path in folder.glob(f"*/{GOLD}"))
    gold = {name: load_gold(folder, name) for name in names}
    owners: dict[str, str] = {}
    for name, tables in gold.items():
        for table in tables:
            if table.name in owners:
                message = f"gold table {table.name} is declared by {owners[table.name]} and {name}"
                raise MisconfiguredError(message, hint="rename one of the two files")
            owners[table.name] = name
    return gold


def _load(path: Path, folder: Path) -> Contract:
    source = str(path.relative_to(folder.parent))
    name, version = path.parent.name, path.stem
    if not CONTRACT_NAME.fullmatch(name):
        raise _refused(source, "a contract's folder is named in lower case: a-z, 0-9, _")
    if path.suffix != ".avsc" or not VERSION.fullmatch(version):
        raise _refused(source, "a contract's file is named by its version: 1.avsc, 2.avsc")
    try:
        schema = json.loads(path.read_bytes(), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise _refused(source, f"no valid JSON: {error}") from error
    mapping = _load_mapping(path.with_name(MAPPING), folder)
    return parse_contract(ContractId(name=name, version=int(version)), schema, source, mapping)


def _load_mapping(path: Path, folder: Path) -> FileMapping | None:
    source = str(path.relative_to(folder.parent))
    return parse_mapping(path.read_bytes(), source) if path.exists() else None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        message = f"key {twice!r} stands twice"
        raise ValueError(message)
    return unique


def _refused(source: str, problem: str) -> MisconfiguredError:
    return MisconfiguredError(f"{source}: {problem}", hint="mend the contract's file")

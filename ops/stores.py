"""The service's lake and tables, as its settings name them; no command makes them otherwise."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from azure.identity import DefaultAzureCredential

from shared.adapters.lake import open_lake
from shared.adapters.ledger_store import TableLedger
from shared.adapters.tables import open_tables
from shared.adapters.work_store import TableWorkStore
from shared.errors import MisconfiguredError
from shared.ports import Lake, LedgerStore, WorkStore
from shared.settings import Settings, read_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Where everything is written down."""

    lake: Lake
    ledger: LedgerStore
    works: WorkStore


def settings_of(stack: Path | None) -> Settings:
    """Read the settings of a local stack by its stack.json, else those of the environment."""
    if stack is None:
        return read_settings(os.environ)
    try:
        document = json.loads(stack.read_bytes())
        settings = dict(document["settings"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{stack} is not a stack's file: {error}"
        raise MisconfiguredError(message, hint="start a stack: `python -m local up`") from error
    return read_settings(settings)


def open_stores(settings: Settings) -> Stores:
    """Make the clients; does no I/O."""
    tables = open_tables(settings.ledger, DefaultAzureCredential())
    return Stores(
        lake=open_lake_of(settings),
        ledger=TableLedger(tables, settings.ledger_table),
        works=TableWorkStore(tables, settings.ledger_table),
    )


def open_lake_of(settings: Settings) -> Lake:
    """Make the lake's client; does no I/O."""
    return open_lake(settings.lake, settings.lake_file_system, DefaultAzureCredential())

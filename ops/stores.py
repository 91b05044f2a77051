"""The service's lake and tables, as its settings name them; no command makes them otherwise."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from azure.identity import DefaultAzureCredential

from shared.adapters.hub_events import EventHubEvents
from shared.adapters.hub_reader import EventHubReader
from shared.adapters.lake import open_lake
from shared.adapters.ledger_store import TableLedger
from shared.adapters.tables import open_tables
from shared.adapters.work_store import TableWorkStore
from shared.errors import MisconfiguredError
from shared.hub.events import EventReader
from shared.hub.properties import HubReader
from shared.lake import Lake
from shared.ledger.store import LedgerStore
from shared.settings import Settings, read_settings
from shared.transform.work_store import WorkStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Where everything is written down."""

    lake: Lake
    ledger: LedgerStore
    works: WorkStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """What a hub says of itself, and its events."""

    properties: HubReader
    events: EventReader


def settings_of(stack: Path | None) -> Settings:
    """Read the settings of a local stack by its stack.json, else those of the environment."""
    return read_settings(os.environ if stack is None else _settings_in(stack))


def become_service(stack: Path | None, hub: str | None) -> Settings:
    """Make the settings this process's own, so that shared/service.py makes the service's parts."""
    chosen = {"LANDFALL_HUB": hub} if hub else {}
    os.environ.update({**(_settings_in(stack) if stack else {}), **chosen})
    return read_settings(os.environ)


def _settings_in(stack: Path) -> dict[str, str]:
    try:
        document = json.loads(stack.read_bytes())
        return {str(name): str(value) for name, value in dict(document["settings"]).items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{stack} is not a stack's file: {error}"
        raise MisconfiguredError(message, hint="start a stack: `python -m local up`") from error


def open_stores(settings: Settings) -> Stores:
    """Make the clients; does no I/O."""
    tables = open_tables(settings.ledger, DefaultAzureCredential())
    return Stores(
        lake=open_lake_of(settings),
        ledger=TableLedger(tables, settings.ledger_table),
        works=TableWorkStore(tables, settings.ledger_table),
    )


def open_hub(settings: Settings) -> Hub:
    """Make the readers of the settings' hub; does no I/O."""
    group = settings.replay_consumer_group
    return Hub(
        properties=EventHubReader(
            settings.event_hubs, settings.hub, group, DefaultAzureCredential()
        ),
        events=EventHubEvents(settings.event_hubs, settings.hub, group),
    )


def open_lake_of(settings: Settings) -> Lake:
    """Make the lake's client; does no I/O."""
    return open_lake(settings.lake, settings.lake_file_system, DefaultAzureCredential())

"""The service that a command works on: a local stack's, or the environment's."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from shared.errors import MisconfiguredError
from shared.lake import Lake
from shared.ledger.store import LedgerStore
from shared.service import Service
from shared.settings import Settings, read_settings
from shared.transform.work_store import WorkStore


class Stores(Protocol):
    """The stores that hold everything; a Service has them."""

    @property
    def lake(self) -> Lake:
        """The lake's file system."""

    @property
    def ledger(self) -> LedgerStore:
        """The ledger."""

    @property
    def works(self) -> WorkStore:
        """What Databricks has to do."""


def open_service(stack: Path | None, *, hub: str | None = None) -> Service:
    """Make the service of a stack, or of the environment; with another hub if one is named."""
    settings = read_stack_settings(stack)
    return Service(replace(settings, hub=hub) if hub else settings)


def read_stack_settings(stack: Path | None) -> Settings:
    """Read the settings of a local stack by its stack.json, else those of the environment."""
    return read_settings() if stack is None else read_settings(_settings_in(stack))


def _settings_in(stack: Path) -> dict[str, str]:
    try:
        document = json.loads(stack.read_bytes())
        return {str(name): str(value) for name, value in dict(document["settings"]).items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{stack} is not a stack's file: {error}"
        raise MisconfiguredError(message, hint="start a stack: `python -m local up`") from error

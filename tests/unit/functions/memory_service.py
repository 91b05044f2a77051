"""The service that the functions call, with its stores and its hub in memory."""

import os
from collections.abc import Mapping
from datetime import timedelta

import pytest

from shared.service import Service
from shared.settings import read_settings
from shared.transform.transformer import Transformer
from shared.transform.windows import WindowLimits
from tests.builders import a_time, contracts
from tests.landers import a_circuit_breaker, a_lander
from tests.memory import MemoryHub, MemoryLake, MemoryLedger, MemoryRunner, MemoryWorkStore

SETTINGS = {
    "LANDFALL_HUB": "hub",
    "LANDFALL_EVENTHUBS": "Endpoint=sb://hub",
    "LANDFALL_LAKE": "AccountName=lake",
    "LANDFALL_LEDGER": "AccountName=ledger",
}


def set_environment(monkeypatch: pytest.MonkeyPatch, settings: Mapping[str, str]) -> None:
    """Have the environment hold these of the service's settings, and none besides."""
    for name in [name for name in os.environ if name.startswith("LANDFALL_")]:
        monkeypatch.delenv(name)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


class MemoryService(Service):
    """What is made of the stores is the real thing; a part that is set is not made."""

    def __init__(self) -> None:
        super().__init__(read_settings(SETTINGS), a_time)
        self.contracts = contracts()
        self.lake, self.ledger, self.works = MemoryLake(), MemoryLedger(), MemoryWorkStore()
        self.hub = self.events = MemoryHub()
        self.lander = a_lander(self.lake, self.ledger, self.hub)
        self._circuit_breaker = a_circuit_breaker()

    def give_a_workspace(self) -> None:
        """Have a Databricks workspace in memory, to which every file is a window."""
        self.transformer = Transformer(
            ledger=self.ledger,
            works=self.works,
            lake=self.lake,
            runner=MemoryRunner(),
            limits=WindowLimits(files=1, bytes=1, age=timedelta()),
            backoff=timedelta(seconds=30),
            timeout=timedelta(hours=1),
            lake_uri="abfss://lake",
            clock=self.clock,
        )

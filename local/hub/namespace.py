"""The namespace: opens all hubs from disk, and makes and deletes hubs."""

import asyncio
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from local.hub import conditions
from local.hub.clock import Clock
from local.hub.hub import Hub, HubPath
from local.hub.hub_definition import (
    HubDefinition,
    load_definition,
    new_definition,
    save_definition,
)
from local.hub.partition import Retention

_WRITERS = 4


class HubExistsError(Exception):
    """A hub with that name already exists."""


class Namespace:
    """The hubs under one data directory."""

    def __init__(self, data: Path, clock: Clock) -> None:
        """Open every existing hub."""
        self._clock = clock
        self._data = data
        self._executor = ThreadPoolExecutor(_WRITERS, thread_name_prefix="commit")
        self._hubs: dict[str, Hub] = {}
        data.mkdir(parents=True, exist_ok=True)
        for directory in sorted(path for path in data.iterdir() if path.is_dir()):
            self._reopen(directory)

    def _reopen(self, directory: Path) -> None:
        definition = load_definition(directory)
        for child in directory.iterdir():
            # Left over: the emulator was killed while it made or deleted a hub.
            if child.is_dir() and (definition is None or child.name != definition.incarnation):
                shutil.rmtree(child)
        if definition is not None:
            self._open(definition)

    def _open(self, definition: HubDefinition) -> Hub:
        path = HubPath(self._data / definition.name.casefold())
        hub = Hub(path, definition, self._executor, self._clock)
        self._hubs[definition.name.casefold()] = hub
        return hub

    @property
    def hubs(self) -> list[Hub]:
        """All hubs, sorted by name."""
        return [self._hubs[name] for name in sorted(self._hubs)]

    def hub(self, name: str) -> Hub:
        """Return a hub, or refuse if there is none."""
        hub = self._hubs.get(name.casefold())
        if hub is None:
            raise conditions.entity_not_found(name)
        return hub

    def create(
        self, name: str, partition_count: int, groups: tuple[str, ...], retention: Retention
    ) -> Hub:
        """Make a hub."""
        if name.casefold() in self._hubs:
            message = f"hub '{name}' exists already"
            raise HubExistsError(message)
        made = self._define(name, partition_count, groups)
        definition = replace(made, retention=retention)
        save_definition(self._data / name.casefold(), definition)
        return self._open(definition)

    def _define(self, name: str, partition_count: int, groups: tuple[str, ...]) -> HubDefinition:
        return new_definition(name, partition_count, groups, created_ms=self._clock.now_ms())

    async def delete(self, name: str) -> None:
        """Delete a hub with all its data, and detach its links."""
        hub = self.hub(name)
        del self._hubs[name.casefold()]
        (self._data / name.casefold() / "hub.json").unlink()
        hub.detach_all(conditions.entity_not_found(hub.name))
        await hub.close()
        hub.remove_files()

    async def recreate(self, name: str) -> Hub:
        """Delete a hub and make it again: empty, with sequence numbers from 0."""
        old = self.hub(name)
        fresh = self._define(old.name, old.definition.partition_count, old.definition.groups)
        definition = replace(fresh, retention=old.definition.retention)
        save_definition(self._data / name.casefold(), definition)
        hub = self._open(definition)
        old.detach_all(conditions.detach_forced(f"The hub '{old.name}' was deleted and made anew."))
        await old.close()
        old.remove_files()
        return hub

    def expire(self) -> None:
        """Apply every hub's retention and save how far it has trimmed."""
        for hub in self.hubs:
            hub.expire()
            for partition in hub.partitions:
                partition.log.save_begin()

    async def close(self) -> None:
        """Finish the pending writes and close all files."""
        await asyncio.gather(*(hub.close() for hub in self.hubs))
        self._executor.shutdown()

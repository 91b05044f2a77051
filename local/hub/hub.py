"""A hub: its partitions, its consumer groups, and its attached links."""

import asyncio
import itertools
import shutil
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from local.hub import conditions
from local.hub.clock import Clock
from local.hub.conditions import AmqpError
from local.hub.hub_definition import HubDefinition, save_definition
from local.hub.partition import Partition, Retention
from local.hub.partition_key import partition_for
from local.hub.partition_log import PartitionLog
from local.hub.receivers import Receivers


class Link(Protocol):
    """An attached link, as far as a hub needs to know."""

    def detach(self, error: AmqpError) -> None:
        """Take the link down."""


@dataclass(frozen=True, slots=True)
class HubPath:
    """A hub's place on disk; each incarnation has its own directory."""

    directory: Path

    def partition(self, definition: HubDefinition, partition_id: str) -> Path:
        """Return a partition's directory."""
        return self.incarnation(definition) / f"p{int(partition_id):03d}"

    def incarnation(self, definition: HubDefinition) -> Path:
        """Return the directory of the hub's current incarnation."""
        return self.directory / definition.incarnation


class Hub:
    """An open hub."""

    def __init__(
        self, path: HubPath, definition: HubDefinition, executor: Executor, clock: Clock
    ) -> None:
        """Open the partitions; the executor's threads write to disk."""
        self._clock = clock
        self.definition = definition
        self.receivers = Receivers()
        self.links: set[Link] = set()
        self.partitions: list[Partition] = []
        self._path = path
        self._executor = executor
        self._turns = itertools.count()
        self._open_partitions()

    @property
    def name(self) -> str:
        """The hub's name, spelled as given."""
        return self.definition.name

    def _open_partitions(self) -> None:
        for index in range(len(self.partitions), self.definition.partition_count):
            log = PartitionLog(self._path.partition(self.definition, str(index)))
            self.partitions.append(Partition(str(index), log, self._executor, self._clock))
        self._apply_retention()

    def _apply_retention(self) -> None:
        for partition in self.partitions:
            partition.retention = self.definition.retention
        self.expire()

    def partition(self, partition_id: str) -> Partition:
        """Return a partition, or refuse if there is none."""
        ids = [partition.partition_id for partition in self.partitions]
        if partition_id not in ids:
            raise conditions.invalid_partition(partition_id, len(ids))
        return self.partitions[int(partition_id)]

    def partition_for(self, key: str | None) -> Partition:
        """Return the key's partition; without a key, take the partitions in turn."""
        count = len(self.partitions)
        index = next(self._turns) % count if key is None else partition_for(key, count)
        return self.partitions[index]

    def group(self, name: str) -> str:
        """Return a consumer group's canonical name, or refuse if there is none."""
        for group in self.definition.groups:
            if group.casefold() == name.casefold():
                return group
        path = f"{self.name}/ConsumerGroups/{name}"
        raise conditions.entity_not_found(path)

    def add_partitions(self, count: int) -> None:
        """Add partitions to the hub."""
        self._save(partition_count=self.definition.partition_count + count)
        self._open_partitions()

    def add_groups(self, names: tuple[str, ...]) -> None:
        """Create the missing consumer groups."""
        known = {group.casefold() for group in self.definition.groups}
        missing = tuple(name for name in names if name.casefold() not in known)
        if missing:
            self._save(groups=(*self.definition.groups, *missing))

    def set_retention(self, retention: Retention) -> None:
        """Change how much the hub keeps from now on."""
        self._save(retention=retention)
        self._apply_retention()
        for partition in self.partitions:
            partition.log.save_begin()

    def _save(self, **changes: object) -> None:
        self.definition = replace(self.definition, **changes)  # type: ignore[arg-type]  # checked by callers
        save_definition(self._path.directory, self.definition)

    def expire(self) -> None:
        """Apply the retention to every partition."""
        for partition in self.partitions:
            partition.expire()

    def detach_all(self, error: AmqpError) -> None:
        """Take down every link to the hub."""
        for link in tuple(self.links):
            link.detach(error)
        self.links.clear()

    async def close(self) -> None:
        """Finish the pending writes and close the files."""
        await asyncio.gather(*(partition.close() for partition in self.partitions))

    def remove_files(self) -> None:
        """Delete the files of the closed hub."""
        shutil.rmtree(self._path.incarnation(self.definition), ignore_errors=True)

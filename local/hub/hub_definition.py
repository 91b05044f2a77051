"""A hub's definition, kept in a small file beside its data."""

import json
import re
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from local.hub.partition import Retention
from local.kit.durable_file import replace_file

DEFAULT_GROUP = "$Default"
MAX_PARTITIONS = 1024
_FILE = "hub.json"
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,254}[A-Za-z0-9])?")
_GROUP = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,48}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class HubDefinition:
    """How a hub was defined."""

    name: str
    partition_count: int
    groups: tuple[str, ...]
    created_ms: int
    incarnation: str
    retention: Retention = field(default_factory=Retention)


def new_definition(
    name: str, partition_count: int, groups: tuple[str, ...], *, created_ms: int
) -> HubDefinition:
    """Define a hub that keeps everything; raise ValueError if the definition is invalid."""
    if not _NAME.fullmatch(name):
        message = f"'{name}' is no valid hub name: letters, digits, '.', '-' and '_' only"
        raise ValueError(message)
    if not 1 <= partition_count <= MAX_PARTITIONS:
        message = f"a hub has 1 to {MAX_PARTITIONS} partitions, not {partition_count}"
        raise ValueError(message)
    named = tuple(dict.fromkeys(g for g in groups if g.casefold() != DEFAULT_GROUP.casefold()))
    for group in named:
        if not _GROUP.fullmatch(group):
            message = f"'{group}' is no valid consumer group name"
            raise ValueError(message)
    return HubDefinition(
        name=name,
        partition_count=partition_count,
        groups=(DEFAULT_GROUP, *named),
        created_ms=created_ms,
        incarnation=uuid.uuid4().hex,
    )


def save_definition(directory: Path, definition: HubDefinition) -> None:
    """Write a definition durably."""
    directory.mkdir(parents=True, exist_ok=True)
    document = {
        "name": definition.name,
        "partition_count": definition.partition_count,
        "groups": definition.groups,
        "created_ms": definition.created_ms,
        "incarnation": definition.incarnation,
        "retention": {
            "events": definition.retention.events,
            "seconds": definition.retention.seconds,
        },
    }
    replace_file(directory / _FILE, json.dumps(document, indent=1).encode())


def load_definition(directory: Path) -> HubDefinition | None:
    """Read a definition; None if the hub was never completely made."""
    path = directory / _FILE
    if not path.exists():
        return None
    document = json.loads(path.read_bytes())
    return HubDefinition(
        name=document["name"],
        partition_count=document["partition_count"],
        groups=tuple(document["groups"]),
        created_ms=document["created_ms"],
        incarnation=document["incarnation"],
        retention=Retention(**document["retention"]),
    )

"""Addresses of links: whole URIs or bare paths, whose fixed words ignore case."""

from dataclasses import dataclass
from urllib.parse import unquote

from local.hub import conditions


@dataclass(frozen=True, slots=True)
class SenderAddress:
    """A hub, or one of its partitions."""

    hub: str
    partition_id: str | None


@dataclass(frozen=True, slots=True)
class ReceiverAddress:
    """A partition and the consumer group that reads it."""

    hub: str
    group: str
    partition_id: str


def path_of(address: str) -> str:
    """Return an address without its scheme, host, and outer slashes."""
    if "://" in address:
        address = address.split("://", 1)[1].partition("/")[2]
    return unquote(address).strip("/")


def parse_sender(path: str) -> SenderAddress:
    """Read ``hub`` or ``hub/Partitions/n``."""
    parts = path.split("/")
    if len(parts) == 1:
        return SenderAddress(parts[0], None)
    if len(parts) == 3 and parts[1].casefold() == "partitions":
        return SenderAddress(parts[0], parts[2])
    raise conditions.entity_not_found(path)


def parse_receiver(path: str) -> ReceiverAddress:
    """Read ``hub/ConsumerGroups/g/Partitions/n``."""
    match path.split("/"):
        case [hub, groups, group, partitions, partition_id] if (
            groups.casefold(),
            partitions.casefold(),
        ) == ("consumergroups", "partitions"):
            return ReceiverAddress(hub, group, partition_id)
        case _:
            raise conditions.entity_not_found(path)

"""The command line."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from local.hub.clock import Clock
from local.hub.partition import Retention
from local.hub.sas import AccessKey
from local.kit.command_line import make_parser

DEFAULT_KEY_NAME = "RootManageSharedAccessKey"
# A well-known key, like Azurite's. It protects nothing: only the loopback can connect.
DEFAULT_KEY = "bGFuZGZhbGwtbG9jYWwtZGV2ZWxvcG1lbnQta2V5"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubOption:
    """A hub to make at start if it is missing."""

    name: str
    partition_count: int
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The emulator's command-line options."""

    port: int
    control_port: int
    data: Path
    hubs: tuple[HubOption, ...]
    key: AccessKey
    retention: Retention
    clock: Clock


def parse_options(arguments: Sequence[str] | None = None) -> Options:
    """Read the command line; exit with a usage message if it is invalid."""
    given = _parser().parse_args(arguments)
    return Options(
        port=given.port,
        control_port=given.control_port,
        data=given.data,
        hubs=tuple(given.hub),
        key=AccessKey(given.key_name, given.key),
        retention=Retention(events=given.retention_events, seconds=given.retention_seconds),
        clock=Clock(skew_seconds=given.clock_skew_seconds),
    )


def parse_hub(text: str) -> HubOption:
    """Read ``NAME:PARTITIONS[:GROUP,GROUP...]``."""
    match text.split(":"):
        case [name, count] if count.isdecimal():
            return HubOption(name=name, partition_count=int(count), groups=())
        case [name, count, groups] if count.isdecimal():
            named = tuple(group for group in groups.split(",") if group)
            return HubOption(name=name, partition_count=int(count), groups=named)
        case _:
            message = f"'{text}' is not NAME:PARTITIONS[:GROUP,GROUP...]"
            raise argparse.ArgumentTypeError(message)


def _parser() -> argparse.ArgumentParser:
    parser = make_parser(
        "local.hub",
        "An Event Hubs emulator on the loopback interface.",
        port=5672,
        control_port=5673,
    )
    parser.add_argument(
        "--hub",
        type=parse_hub,
        action="append",
        default=[],
        metavar="NAME:PARTITIONS[:GROUP,GROUP...]",
        help="a hub to make if it is missing; may be given several times",
    )
    parser.add_argument("--key-name", default=DEFAULT_KEY_NAME)
    parser.add_argument("--key", default=DEFAULT_KEY)
    parser.add_argument("--retention-seconds", type=float, help="for hubs that are made")
    parser.add_argument("--retention-events", type=int, help="for hubs that are made")
    parser.add_argument(
        "--clock-skew-seconds", type=float, default=0.0, help="stamp events with a wrong time"
    )
    return parser

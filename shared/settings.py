"""The service's settings, read from the environment here and nowhere else."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from shared.container_file import Codec, CodecName
from shared.errors import MisconfiguredError

CODECS: tuple[CodecName, ...] = get_args(CodecName)
LEVELS: Mapping[str, range] = {"deflate": range(10), "zstandard": range(1, 23)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a service is: a connection string with its key, or an address for azure-identity."""

    value: str = field(repr=False)
    is_connection_string: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set; local.settings.sample.json shows each."""

    hub: str
    consumer_group: str
    event_hubs: Endpoint
    lake: Endpoint
    lake_file_system: str
    ledger: Endpoint
    ledger_table: str
    codec: Codec
    default_contract: str | None


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; raises MisconfiguredError with every problem at once."""
    reader = _Reader(environment)
    settings = Settings(
        hub=reader.text("LANDFALL_HUB"),
        consumer_group=reader.text("LANDFALL_CONSUMER_GROUP", "$Default"),
        event_hubs=reader.endpoint("LANDFALL_EVENTHUBS", "fullyQualifiedNamespace"),
        lake=reader.endpoint("LANDFALL_LAKE", "serviceUri"),
        lake_file_system=reader.text("LANDFALL_LAKE_FILESYSTEM", "landfall"),
        ledger=reader.endpoint("LANDFALL_LEDGER", "serviceUri"),
        ledger_table=reader.text("LANDFALL_LEDGER_TABLE", "landfall"),
        codec=reader.codec(),
        default_contract=environment.get("LANDFALL_DEFAULT_CONTRACT") or None,
    )
    if reader.problems:
        message = "; ".join(reader.problems)
        raise MisconfiguredError(message, hint="local.settings.sample.json shows every setting")
    return settings


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        value = self._environment.get(name) or default
        if not value:
            self.problems.append(f"{name} is not set")
        return value

    def endpoint(self, name: str, address: str) -> Endpoint:
        """Read `NAME` or `NAME__address`, as the Functions host does for its own connections."""
        if connection_string := self._environment.get(name):
            return Endpoint(value=connection_string, is_connection_string=True)
        uri = self._environment.get(f"{name}__{address}", "")
        if not uri:
            self.problems.append(f"neither {name} nor {name}__{address} is set")
        return Endpoint(value=uri, is_connection_string=False)

    def codec(self) -> Codec:
        wanted = self._environment.get("LANDFALL_CODEC") or "deflate"
        name = next((known for known in CODECS if known == wanted), None)
        if name is None:
            self.problems.append(f"LANDFALL_CODEC is none of {', '.join(CODECS)}")
            return Codec()
        level = self._environment.get("LANDFALL_CODEC_LEVEL") or ""
        allowed = LEVELS.get(name, range(0))
        if level and not (level.isdecimal() and int(level) in allowed):
            limits = f"{allowed[0]} to {allowed[-1]}" if allowed else "nothing: it has no levels"
            self.problems.append(f"LANDFALL_CODEC_LEVEL for {name} is {limits}")
            return Codec()
        return Codec(name=name, level=int(level) if level else None)

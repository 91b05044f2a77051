"""App settings, and the ways in which bindings refer to them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.host.errors import HostError, SettingMissingError

_PERCENT_NAME = re.compile(r"%([^%]+)%")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSettings:
    """The environment, read as the real host reads it: names ignore case."""

    values: Mapping[str, str] = field(repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "AppSettings":
        """Read a mapping of environment variables."""
        return cls(values={name.casefold(): value for name, value in environment.items()})

    def get(self, name: str) -> str | None:
        """Return a setting's value, or None; the environment has `__` for `:` in a name."""
        folded = name.casefold()
        return self.values.get(folded, self.values.get(folded.replace(":", "__")))

    def resolve(self, text: str) -> str:
        """Replace every %NAME% by its setting; raise SettingMissingError if one is missing."""
        return _PERCENT_NAME.sub(lambda match: self._must_have(match[1]), text)

    def connection(self, name: str) -> str | None:
        """Return a connection string; the name may omit the `AzureWebJobs` prefix."""
        for candidate in (f"AzureWebJobs{name}", f"ConnectionStrings:{name}", name):
            if value := self.get(candidate):
                return value
        return None

    def connection_part(self, name: str, part: str) -> str | None:
        """Return one setting of an identity-based connection, such as fullyQualifiedNamespace."""
        for prefix in (f"AzureWebJobs{name}", name):
            if value := self.get(f"{prefix}:{part}"):
                return value
        return None

    def _must_have(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            msg = f"'%{name}%' does not resolve to a value."
            raise SettingMissingError(msg)
        return value


def read_local_settings(path: Path) -> dict[str, str]:
    """Return the Values of a local.settings.json, as environment variables."""
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"cannot read the settings file {path}: {error}"
        raise HostError(msg) from error
    values = document.get("Values", {}) if isinstance(document, dict) else None
    if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
        msg = f"the settings file {path} must hold an object 'Values' of strings"
        raise HostError(msg)
    return values

"""The host's id, under which it keeps its state in AzureWebJobsStorage."""

from pathlib import Path

from local.host.settings import AppSettings

MAXIMUM_LENGTH = 32


def derive_host_id(settings: AppSettings, *, machine_name: str, app_directory: Path) -> str:
    """Return the configured id, or one that is stable for this machine and app directory."""
    if configured := settings.get("AzureFunctionsWebHost:hostid"):
        return configured
    machine = "".join(character for character in machine_name if character.isalnum())
    host_id = f"{machine}-{abs(_stable_hash(str(app_directory)))}"
    return host_id[:MAXIMUM_LENGTH].lower().rstrip("-")


def _stable_hash(text: str) -> int:
    """Hash as the real host does, in 32 bits with wrap-around."""
    value = 23
    for character in text:
        value = (value * 31 + ord(character)) & 0xFFFFFFFF
    return value - (1 << 32) if value >= 1 << 31 else value

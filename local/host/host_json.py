"""host.json: the host's own settings, and the app settings that override them."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from local.host.errors import AppLoadError
from local.host.retry import RetryPolicy, parse_host_policy
from local.host.timespan import parse_timespan

# Azure's defaults are 30 s and 2 min, too long to wait for on a local machine.
_BALANCING = timedelta(seconds=2)
_OWNERSHIP = timedelta(seconds=10)
# An app setting with this prefix overrides one value of host.json, as in the real host.
_PREFIX = "AzureFunctionsJobHost__"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventHubOptions:
    """extensions.eventHubs."""

    max_event_batch_size: int = 100
    min_event_batch_size: int = 1
    max_wait_time: timedelta = timedelta(seconds=60)
    prefetch_count: int = 300
    batch_checkpoint_frequency: int = 1
    load_balancing_interval: timedelta = _BALANCING
    ownership_expiration: timedelta = _OWNERSHIP
    starting_position: str | datetime = "-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostConfig:
    """The settings of host.json that this host uses."""

    function_timeout: timedelta | None = None
    route_prefix: str = "api"
    retry: RetryPolicy | None = None
    log_levels: Mapping[str, str] = field(default_factory=dict)
    event_hubs: EventHubOptions = field(default_factory=EventHubOptions)


def read_host_json(app_directory: Path, environment: Mapping[str, str] = os.environ) -> HostConfig:
    """Read host.json of the app; the real host does not start without one."""
    path = app_directory / "host.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return parse_host_json(_overridden(document, environment))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        msg = f"cannot use {path}: {error}"
        raise AppLoadError(msg) from error


def _overridden(document: Any, environment: Mapping[str, str]) -> Any:
    """Apply overrides such as `AzureFunctionsJobHost__extensions__eventHubs__prefetchCount`."""
    for name, value in environment.items():
        if name.startswith(_PREFIX):
            *sections, last = name.removeprefix(_PREFIX).split("__")
            inner = document
            for section in sections:
                inner = inner.setdefault(section, {})
            inner[last] = value
    return document


def parse_host_json(document: Mapping[str, Any]) -> HostConfig:
    """Parse the document of host.json."""
    if document.get("version") != "2.0":
        msg = f'host.json must have "version": "2.0", not {document.get("version")!r}'
        raise ValueError(msg)
    extensions = document.get("extensions", {})
    timeout = document.get("functionTimeout")
    return HostConfig(
        # "-1" means no limit; `func start` has no limit without the setting either.
        function_timeout=None if timeout in (None, "-1") else parse_timespan(str(timeout)),
        route_prefix=str(extensions.get("http", {}).get("routePrefix", "api")).strip("/"),
        retry=parse_host_policy(document["retry"]) if "retry" in document else None,
        log_levels=_parse_log_levels(document.get("logging", {}).get("logLevel", {})),
        event_hubs=_parse_event_hubs(extensions.get("eventHubs", {})),
    )


def _parse_log_levels(section: Mapping[str, Any]) -> dict[str, str]:
    return {str(category): str(level) for category, level in section.items()}


def _parse_event_hubs(section: Mapping[str, Any]) -> EventHubOptions:
    defaults = EventHubOptions()
    options = EventHubOptions(
        max_event_batch_size=_count(section, "maxEventBatchSize", defaults.max_event_batch_size),
        min_event_batch_size=_count(section, "minEventBatchSize", defaults.min_event_batch_size),
        max_wait_time=_span(section, "maxWaitTime", defaults.max_wait_time),
        prefetch_count=_count(section, "prefetchCount", defaults.prefetch_count),
        batch_checkpoint_frequency=_count(
            section, "batchCheckpointFrequency", defaults.batch_checkpoint_frequency
        ),
        load_balancing_interval=_span(section, "loadBalancingUpdateInterval", _BALANCING),
        ownership_expiration=_span(section, "partitionOwnershipExpirationInterval", _OWNERSHIP),
        starting_position=_parse_initial_offset(section.get("initialOffsetOptions", {})),
    )
    if options.min_event_batch_size > options.max_event_batch_size:
        msg = "minEventBatchSize must not be larger than maxEventBatchSize"
        raise ValueError(msg)
    return options


def _parse_initial_offset(section: Mapping[str, Any]) -> str | datetime:
    kind = str(section.get("type", "fromStart") or "fromStart").casefold()
    if kind == "fromstart":
        return "-1"
    if kind == "fromend":
        return "@latest"
    if kind == "fromenqueuedtime":
        return datetime.fromisoformat(str(section.get("enqueuedTimeUtc")))
    msg = f"initialOffsetOptions.type {section.get('type')!r} is not known"
    raise ValueError(msg)


def _count(section: Mapping[str, Any], name: str, default: int) -> int:
    value = int(section.get(name, default))
    if value < 1:
        msg = f"{name} must be at least 1, not {value}"
        raise ValueError(msg)
    return value


def _span(section: Mapping[str, Any], name: str, default: timedelta) -> timedelta:
    return parse_timespan(str(section[name])) if name in section else default

"""One event a log line: a past-tense name and its fields, as one JSON object."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How something ended, as its one log line tells it."""

    event: str
    level: int = logging.INFO
    fields: Mapping[str, object] = field(default_factory=dict)


def log_event(logger: logging.Logger, level: int, name: str, /, **fields: object) -> None:
    """Log one event; the worker drops `extra=`, so the fields stand in the message.

    Never pass a body or a secret.
    """
    logger.log(level, json.dumps({"event": name, **fields}, default=str))

"""One event a log line: a past-tense name and its fields, as one JSON object."""

import json
import logging


def log_event(logger: logging.Logger, level: int, name: str, /, **fields: object) -> None:
    """Log one event; the worker drops `extra=`, so the fields stand in the message.

    Never pass a body or a secret.
    """
    logger.log(level, json.dumps({"event": name, **fields}, default=str))

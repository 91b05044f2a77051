"""Logs: the host's and the functions' records, one line each, on stderr."""

import logging
import os
import sys
import threading
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime

LEVELS = {
    "trace": 5,
    "debug": logging.DEBUG,
    "information": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
    "none": logging.CRITICAL + 1,
}
_NAMES = {level: name.capitalize() for name, level in LEVELS.items()}
_HOST_PREFIXES = ("Host.", "Function.")
# The library's own loggers, whose records the worker does not forward.
_HIDDEN_PREFIXES = ("azure.functions", "azure_functions_worker")


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentInvocation:
    """The invocation to which a log record belongs."""

    invocation_id: str
    function_name: str


CURRENT: ContextVar[CurrentInvocation | None] = ContextVar("current_invocation", default=None)
# As in the real worker: a user's thread sets `invocation_id` here to log for an invocation.
THREAD_LOCAL = threading.local()


class OneLineFormatter(logging.Formatter):
    """Timestamp, level, category, invocation id, message; line ends are escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record as one line."""
        invocation = CURRENT.get()
        invocation_id = (
            invocation.invocation_id
            if invocation
            else getattr(THREAD_LOCAL, "invocation_id", None) or "-"
        )
        moment = datetime.fromtimestamp(record.created, UTC)
        stamp = moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
        message = record.getMessage()
        if record.exc_info:
            message = f"{message}\n{self.formatException(record.exc_info)}"
        level = _NAMES.get(record.levelno, record.levelname)
        escaped = message.replace("\r", "\\r").replace("\n", "\\n")
        return f"{stamp} {level} {category_of(record.name)} {invocation_id} {escaped}"


class LevelFilter(logging.Filter):
    """Applies host.json's logging.logLevel: the longest matching prefix of the category decides."""

    def __init__(self, levels: Mapping[str, str]) -> None:
        """Use the levels of logging.logLevel."""
        super().__init__()
        self._levels = {name: _parse_level(level) for name, level in levels.items()}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is shown."""
        if record.name.startswith(_HIDDEN_PREFIXES):
            return False
        return record.levelno >= self.threshold(category_of(record.name))

    def threshold(self, category: str) -> int:
        """Return the lowest level shown for a category."""
        matching = [
            name
            for name in self._levels
            if category == name or (category.startswith(f"{name}.") and name != "default")
        ]
        best = max(matching, key=len, default="default")
        return self._levels.get(best, logging.INFO)


def category_of(logger_name: str) -> str:
    """Return the category of a logger's records; a function's own logs have its `User` category."""
    if logger_name.startswith(_HOST_PREFIXES):
        return logger_name
    invocation = CURRENT.get()
    return f"Function.{invocation.function_name}.User" if invocation else f"Worker.{logger_name}"


def set_up_logging(levels: Mapping[str, str]) -> None:
    """Send all records to stderr; the worker's PYTHON_ENABLE_DEBUG_LOGGING adds DEBUG records."""
    debug = os.environ.get("PYTHON_ENABLE_DEBUG_LOGGING", "").lower() in ("1", "true")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLineFormatter())
    handler.addFilter(LevelFilter(levels))
    root = logging.getLogger()
    # Replace all handlers: a worker forked from its host already has the host's.
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    for prefix in ("Host", "Function"):
        # Only host.json filters the host's own categories.
        logging.getLogger(prefix).setLevel(logging.DEBUG)
    logging.getLogger("azure").setLevel(logging.WARNING)
    logging.getLogger("aiohttp").setLevel(logging.WARNING)


def _parse_level(level: str) -> int:
    try:
        return LEVELS[level.casefold()]
    except KeyError as error:
        msg = f"log level {level!r} is not one of {', '.join(LEVELS)}"
        raise ValueError(msg) from error

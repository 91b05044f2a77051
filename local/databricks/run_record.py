"""A run as JSON, written to disk and read again after a restart."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from local.databricks.ending import Ending
from local.databricks.run import Attempt, DriverId, Run
from local.databricks.task import read_tasks


def write_run(run: Run) -> dict[str, Any]:
    """Write a run; its tasks are not written, since they can be read from its settings."""
    plain = {field.name: getattr(run, field.name) for field in fields(run)}
    return plain | {
        "tasks": None,
        "attempts": [asdict(attempt) for attempt in run.attempts],
        "ending": run.ending and asdict(run.ending),
        "stopping": run.stopping and asdict(run.stopping),
    }


def read_run(record: Mapping[str, Any]) -> Run:
    """Read a run, written by an earlier version too; unknown fields are ignored."""
    return Run(
        **{
            **_known(Run, record),
            "tasks": read_tasks(record["settings"]),
            "attempts": tuple(_read_attempt(one) for one in record["attempts"]),
            "ending": _read_ending(record["ending"]),
            "stopping": _read_ending(record["stopping"]),
        }
    )


def _read_attempt(record: Mapping[str, Any]) -> Attempt:
    driver = record["driver"] and DriverId(**record["driver"])
    read = {"ending": _read_ending(record["ending"]), "driver": driver}
    return Attempt(**_known(Attempt, record) | read)


def _known(value: type[Run | Attempt], record: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(value)}
    return {name: item for name, item in record.items() if name in names}


def _read_ending(record: Mapping[str, Any] | None) -> Ending | None:
    return Ending(**record) if record else None

"""Named steps of a landing at which a test may set a fault; by default there is none."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class FaultPoint(StrEnum):
    """The points between the steps of a landing, in order."""

    STATE_READ = "state_read"
    PLANNED = "planned"
    FILE_CREATED = "file_created"
    FILE_APPENDED = "file_appended"
    FILE_WRITTEN = "file_written"
    FILES_WRITTEN = "files_written"
    COMMITTED = "committed"
    OVERTAKEN = "overtaken"


Reach = Callable[[FaultPoint], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Each `nth` time that a point is reached, pause; without a pause, kill the process."""

    point: FaultPoint
    nth: int
    pause: timedelta | None = None


def pass_by(_: FaultPoint) -> None:
    """Reach a point that has no fault."""


FAULT = re.compile(r"(?P<point>\w+):(?:kill|pause=(?P<seconds>\d+(?:\.\d+)?)):(?P<nth>[1-9]\d*)")


def parse_faults(text: str) -> tuple[Fault, ...]:
    """Read `planned:kill:20,files_written:pause=3:5`; raises ValueError for anything else."""
    return tuple(_parse_fault(part) for part in text.split(",") if part)


def _parse_fault(text: str) -> Fault:
    matched = FAULT.fullmatch(text)
    if not matched or matched["point"] not in set(FaultPoint):
        points = ", ".join(FaultPoint)
        message = f"{text!r} is not <point>:kill:<nth> or <point>:pause=<seconds>:<nth> of {points}"
        raise ValueError(message)
    seconds = matched["seconds"]
    return Fault(
        point=FaultPoint(matched["point"]),
        nth=int(matched["nth"]),
        pause=timedelta(seconds=float(seconds)) if seconds else None,
    )

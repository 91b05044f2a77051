"""The schedule status of timers, and the payload of a timer function."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from azure.functions.meta import Datum

from local.host.schedule import Schedule
from local.host.worker import TriggerPayload

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleStatus:
    """When a timer last fired (or NEVER), when it fires next, and when this was written."""

    last: datetime
    next: datetime
    last_updated: datetime

    def to_json(self) -> str:
        """Write the status in the host's storage format."""
        return json.dumps(
            {
                "Last": self.last.isoformat(),
                "Next": self.next.isoformat(),
                "LastUpdated": self.last_updated.isoformat(),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "ScheduleStatus":
        """Read the host's storage format; times without a zone are UTC."""
        document = json.loads(text)
        last, following, updated = (
            _parse_time(document[name]) for name in ("Last", "Next", "LastUpdated")
        )
        return cls(last=last, next=following, last_updated=updated)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueCheck:
    """A timer's status at start, and whether it missed a tick."""

    status: ScheduleStatus
    is_past_due: bool


def check_past_due(schedule: Schedule, status: ScheduleStatus | None, *, now: datetime) -> DueCheck:
    """Check whether the timer missed a tick; a change of schedule is not a missed tick."""
    if status is None:
        fresh = ScheduleStatus(last=NEVER, next=schedule.next_after(now), last_updated=now)
        return DueCheck(status=fresh, is_past_due=False)
    base = next((t for t in (status.last, status.last_updated) if t != NEVER), now)
    expected = schedule.next_after(base)
    if status.next != expected:
        if now > expected:
            base, expected = now, schedule.next_after(now)
        status = ScheduleStatus(last=NEVER, next=expected, last_updated=base)
    return DueCheck(status=status, is_past_due=now > status.next)


def advance(
    schedule: Schedule, status: ScheduleStatus, *, invoked_at: datetime, was_scheduled: bool
) -> ScheduleStatus:
    """Return the status after an invocation, whether it succeeded or failed."""
    # After an early tick, do not return the same occurrence again.
    moment = max(invoked_at, status.next) if was_scheduled else invoked_at
    following = schedule.next_after(moment)
    return ScheduleStatus(last=moment, next=following, last_updated=moment)


def encode_timer(
    schedule: Schedule, status: ScheduleStatus | None, *, is_past_due: bool
) -> TriggerPayload:
    """Write the TimerInfo that the host sends."""
    document = {
        "Schedule": {"AdjustForDST": schedule.adjusts_for_dst},
        "ScheduleStatus": json.loads(status.to_json()) if status else None,
        "IsPastDue": is_past_due,
    }
    return TriggerPayload(data=Datum(json.dumps(document), "json"))


def _parse_time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

"""Fail fast while the lake or the ledger is down: one circuit breaker for all landings."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from shared.errors import Dependency, DependencyUnavailableError, LakeConflictError
from shared.hub.address import PartitionAddress

OPENS_AFTER = 3
PROBE_SECONDS = 5.0
GUARDED = (Dependency.LAKE, Dependency.LEDGER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A dependency that landing waits for, and since when."""

    dependency: Dependency
    since: datetime


class CircuitBreaker:
    """Opens after a few failures in a row, then lets one attempt through every few seconds.

    That attempt is the probe. When it lands its batch, the circuit breaker closes.
    """

    def __init__(self, clock: Callable[[], datetime], seconds: Callable[[], float]) -> None:
        """Keep a clock that dates outages, and a monotonic one that times the probes."""
        self._clock, self._seconds = clock, seconds
        self._lock = Lock()
        self._failures = 0
        self._outage: Outage | None = None
        self._probe_at: float | None = None
        self._conflicts: dict[PartitionAddress, str] = {}

    @contextmanager
    def attempt(self, partition: PartitionAddress) -> Iterator[None]:
        """Try to land a batch; raises DependencyUnavailableError while it is too early."""
        self._enter()
        try:
            yield
        except DependencyUnavailableError as error:
            self._note_failure(error.dependency)
            raise
        except LakeConflictError as error:
            self._conflicts[partition] = str(error)
            raise
        self._close()
        self._conflicts.pop(partition, None)

    @property
    def outage(self) -> Outage | None:
        """The outage that landing waits out; None while the circuit breaker is closed."""
        return self._outage if self._probe_at is not None else None

    @property
    def conflicts(self) -> tuple[str, ...]:
        """The partitions that wait for a person, each with the reason."""
        return tuple(f"{partition}: {told}" for partition, told in sorted(self._conflicts.items()))

    def _enter(self) -> None:
        with self._lock:
            outage, now = self._outage, self._seconds()
            if self._probe_at is None or outage is None:
                return
            if now >= self._probe_at:
                self._probe_at = now + PROBE_SECONDS
                return
        message = f"the {outage.dependency} has been down since {outage.since.isoformat()}"
        raise DependencyUnavailableError(
            message, hint=f"it is tried every {PROBE_SECONDS:.0f} s", dependency=outage.dependency
        )

    def _note_failure(self, dependency: Dependency | None) -> None:
        if dependency not in GUARDED:
            return
        with self._lock:
            since = self._outage.since if self._outage else self._clock()
            self._outage = Outage(dependency=dependency, since=since)
            self._failures += 1
            if self._failures >= OPENS_AFTER:
                self._probe_at = self._seconds() + PROBE_SECONDS

    def _close(self) -> None:
        with self._lock:
            self._failures, self._outage, self._probe_at = 0, None, None

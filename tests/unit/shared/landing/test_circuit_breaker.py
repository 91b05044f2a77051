from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from shared.errors import Dependency, DependencyUnavailableError, LakeConflictError
from shared.landing.circuit_breaker import OPENS_AFTER, PROBE_SECONDS, CircuitBreaker, Outage
from tests.builders import a_time, an_address


@dataclass
class Service:
    """Landing, whose dependency may be down; `tries` counts what was let through."""

    seconds: float = 0
    down: Dependency | None = None
    conflict: LakeConflictError | None = None
    tries: int = 0
    circuit_breaker: CircuitBreaker = field(init=False)

    def __post_init__(self) -> None:
        self.circuit_breaker = CircuitBreaker(self.now, lambda: self.seconds)

    def now(self) -> datetime:
        return a_time(self.seconds)

    def land(self, partition_id: str = "0") -> None:
        with self.circuit_breaker.attempt(an_address(partition_id)):
            self.tries += 1
            if self.conflict:
                raise self.conflict
            if self.down:
                message = f"the {self.down} is down"
                raise DependencyUnavailableError(message, dependency=self.down)

    def fail_to_land(self, times: int = 1) -> None:
        for _ in range(times):
            with pytest.raises(DependencyUnavailableError):
                self.land()


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.mark.parametrize("down", [Dependency.LAKE, Dependency.LEDGER])
def test_after_a_few_failures_in_a_row_invocations_fail_without_a_try(
    service: Service, down: Dependency
) -> None:
    service.down = down
    service.fail_to_land(OPENS_AFTER)

    with pytest.raises(DependencyUnavailableError, match=f"the {down} has been down since"):
        service.land("1")

    assert service.tries == OPENS_AFTER


def test_the_outage_is_since_the_first_of_the_failures(service: Service) -> None:
    service.down, service.seconds = Dependency.LAKE, 100
    service.fail_to_land()
    assert service.circuit_breaker.outage is None
    service.seconds = 101

    service.fail_to_land(OPENS_AFTER)

    assert service.circuit_breaker.outage == Outage(dependency=Dependency.LAKE, since=a_time(100))


def test_a_success_between_failures_keeps_it_closed(service: Service) -> None:
    for _ in range(OPENS_AFTER):
        service.down = Dependency.LAKE
        service.fail_to_land(OPENS_AFTER - 1)
        service.down = None
        service.land()

    assert service.circuit_breaker.outage is None


def test_one_probe_is_let_through_every_few_seconds(service: Service) -> None:
    service.down = Dependency.LEDGER
    service.fail_to_land(OPENS_AFTER)
    service.seconds += PROBE_SECONDS

    service.fail_to_land(20)

    assert service.tries == OPENS_AFTER + 1


def test_while_a_probe_is_under_way_nobody_else_tries(service: Service) -> None:
    service.down = Dependency.LAKE
    service.fail_to_land(OPENS_AFTER)
    service.seconds += PROBE_SECONDS

    with service.circuit_breaker.attempt(an_address("1")):
        service.fail_to_land(5)

    assert service.tries == OPENS_AFTER


def test_a_probe_that_lands_closes_it(service: Service) -> None:
    service.down = Dependency.LAKE
    service.fail_to_land(OPENS_AFTER)
    service.down = None
    service.fail_to_land()
    service.seconds += PROBE_SECONDS

    service.land()
    service.land()

    assert service.circuit_breaker.outage is None


def test_it_closes_also_when_the_clock_was_set_back(service: Service) -> None:
    service.down = Dependency.LAKE
    moved = timedelta(0)
    service.circuit_breaker = CircuitBreaker(lambda: service.now() + moved, lambda: service.seconds)
    service.fail_to_land(OPENS_AFTER)
    service.down, moved = None, timedelta(hours=-1)
    service.seconds += PROBE_SECONDS

    service.land()

    assert service.circuit_breaker.outage is None


@pytest.mark.parametrize("down", [Dependency.HUB, Dependency.DATABRICKS])
def test_what_landing_does_not_write_to_opens_nothing(service: Service, down: Dependency) -> None:
    service.down = down

    service.fail_to_land(OPENS_AFTER + 5)

    assert (service.circuit_breaker.outage, service.tries) == (None, OPENS_AFTER + 5)


def test_a_partition_that_a_conflict_holds_is_told_until_it_lands(service: Service) -> None:
    service.conflict = LakeConflictError("x.avro holds other bytes")
    with pytest.raises(LakeConflictError):
        service.land("3")
    service.conflict = None
    assert service.circuit_breaker.conflicts == ("hub/p003: x.avro holds other bytes",)

    service.land("0")
    assert len(service.circuit_breaker.conflicts) == 1
    service.land("3")
    assert service.circuit_breaker.conflicts == ()

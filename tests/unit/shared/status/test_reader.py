from contextlib import suppress

from shared.errors import Dependency, DependencyUnavailableError
from shared.landing.circuit_breaker import OPENS_AFTER, CircuitBreaker, Outage
from shared.status.latest_answer import LatestAnswer
from shared.status.reader import StatusReader
from tests.builders import a_core, a_partition, a_time, an_address, contracts
from tests.landers import a_circuit_breaker
from tests.memory import MemoryHub, MemoryLedger, MemoryWorkStore


def a_reader(
    ledger: MemoryLedger, hub: MemoryHub, circuit_breaker: CircuitBreaker | None = None
) -> StatusReader:
    return StatusReader(
        contracts=contracts(),
        core=a_core(),
        ledger=ledger,
        works=MemoryWorkStore(),
        hub=LatestAnswer(hub.read_partitions, a_time),
        circuit_breaker=circuit_breaker or a_circuit_breaker(),
        clock=a_time,
    )


def test_the_status_is_of_the_ledger_and_the_hub() -> None:
    ledger = MemoryLedger()
    ledger.create(a_partition(0, 5))

    status = a_reader(ledger, MemoryHub(partitions={"0": (0, 9)})).read()

    assert status.state == "ok"
    assert (status.partitions[0].head, status.partitions[0].lag_events) == (5, 5)


def test_a_hub_that_is_down_degrades_the_status_and_the_ledger_still_answers() -> None:
    ledger = MemoryLedger()
    ledger.create(a_partition(0, 5))

    status = a_reader(ledger, MemoryHub(is_down=True)).read()

    assert (status.state, status.reasons) == ("degraded", ("hub: the hub is down",))
    assert status.partitions[0].head == 5


def test_a_ledger_that_is_down_degrades_the_status_and_the_hub_still_answers() -> None:
    status = a_reader(MemoryLedger(is_down=True), MemoryHub(partitions={"0": (0, 9)})).read()

    assert (status.state, status.reasons) == ("degraded", ("ledger: the ledger is down",))
    assert status.partitions[0].last_enqueued == 9


def test_the_status_tells_what_landing_waits_for() -> None:
    circuit_breaker = CircuitBreaker(a_time, lambda: 0)
    reader = a_reader(MemoryLedger(), MemoryHub(), circuit_breaker)
    away = DependencyUnavailableError("it is away", dependency=Dependency.LAKE)
    for _ in range(OPENS_AFTER):
        with suppress(DependencyUnavailableError), circuit_breaker.attempt(an_address()):
            raise away

    assert reader.read().outage == Outage(dependency=Dependency.LAKE, since=a_time())

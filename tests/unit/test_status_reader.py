from shared.latest import Latest
from shared.status_reader import StatusReader
from tests.builders import a_state, a_time, contracts
from tests.memory import MemoryHub, MemoryLedger, MemoryWorkStore


def a_reader(ledger: MemoryLedger, hub: MemoryHub) -> StatusReader:
    return StatusReader(
        contracts=contracts(),
        ledger=ledger,
        works=MemoryWorkStore(),
        hub=Latest(hub.read_partitions, a_time),
        clock=a_time,
    )


def test_the_status_is_of_the_ledger_and_the_hub() -> None:
    ledger = MemoryLedger()
    ledger.create(a_state(0, 5))

    status = a_reader(ledger, MemoryHub({"0": (0, 9)})).read()

    assert status.state == "ok"
    assert (status.partitions[0].head, status.partitions[0].lag_events) == (5, 5)


def test_a_hub_that_is_down_degrades_the_status_and_the_ledger_still_answers() -> None:
    ledger = MemoryLedger()
    ledger.create(a_state(0, 5))

    status = a_reader(ledger, MemoryHub(is_down=True)).read()

    assert (status.state, status.reasons) == ("degraded", ("hub: the hub is down",))
    assert status.partitions[0].head == 5


def test_a_ledger_that_is_down_degrades_the_status_and_the_hub_still_answers() -> None:
    status = a_reader(MemoryLedger(is_down=True), MemoryHub({"0": (0, 9)})).read()

    assert (status.state, status.reasons) == ("degraded", ("ledger: the ledger is down",))
    assert status.partitions[0].last_enqueued == 9

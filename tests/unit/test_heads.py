from shared.landing.heads import make_heads
from tests.builders import a_state
from tests.memory import MemoryHub, MemoryLedger


def test_each_partition_without_a_head_gets_one_where_the_hub_begins() -> None:
    ledger, hub = MemoryLedger(), MemoryHub({"0": (0, -1), "1": (40, 99)})

    made = make_heads(ledger, hub.read_partitions())

    assert made == ("0", "1")
    assert [(s.partition_id, s.start, s.head) for s in ledger.list_states()] == [
        ("0", 0, 0),
        ("1", 40, 40),
    ]


def test_a_head_that_is_there_stays_as_it_is() -> None:
    ledger, hub = MemoryLedger(), MemoryHub({"0": (40, 99)})
    ledger.create(a_state(0, 60))

    made = make_heads(ledger, hub.read_partitions())

    assert made == ()
    assert ledger.list_states() == [a_state(0, 60)]

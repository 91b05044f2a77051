from shared.landing.heads import make_heads
from tests.builders import a_partition, an_address
from tests.memory import MemoryHub, MemoryLedger


def test_each_partition_without_a_head_gets_one_where_the_hub_begins() -> None:
    ledger, hub = MemoryLedger(), MemoryHub(partitions={"0": (0, -1), "1": (40, 99)})

    made = make_heads(ledger, hub.read_partitions())

    assert made == (an_address("0"), an_address("1"))
    known = ledger.list_partitions()
    assert [(p.address.partition_id, p.current.start, p.current.head) for p in known] == [
        ("0", 0, 0),
        ("1", 40, 40),
    ]


def test_a_head_that_is_there_stays_as_it_is() -> None:
    ledger, hub = MemoryLedger(), MemoryHub(partitions={"0": (40, 99)})
    ledger.create(a_partition(0, 60))

    made = make_heads(ledger, hub.read_partitions())

    assert made == ()
    assert ledger.list_partitions() == [a_partition(0, 60)]

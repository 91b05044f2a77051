import pytest

from shared.errors import Dependency, DependencyUnavailableError
from shared.landing.hub_witness import ask_hub
from shared.ledger.generations import HubWitness
from tests.builders import a_batch, a_partition, a_time
from tests.memory import MemoryHub

MADE, ANEW = a_time(0), a_time(500)


def a_hub_made_anew(first: int, last: int) -> MemoryHub:
    hub = MemoryHub()
    hub.remake(ANEW)
    hub.hold("0", *a_batch(first, last, later=1000).events)
    return hub


def test_a_hub_that_was_never_made_anew_is_not_asked_for_events() -> None:
    hub = MemoryHub(created_at=MADE, is_throttled=True)

    witness = ask_hub(hub, hub, a_partition(0, 10, hub_created_at=MADE), a_batch(10, 12))

    assert witness == HubWitness(hub_created_at=MADE, holds_first=None)
    assert hub.asked == 1


def test_the_hub_holds_the_batchs_first_event() -> None:
    hub = a_hub_made_anew(0, 9)

    witness = ask_hub(hub, hub, a_partition(0, 10, hub_created_at=MADE), a_batch(3, 5, later=1000))

    assert witness == HubWitness(hub_created_at=ANEW, holds_first=True)


@pytest.mark.parametrize(
    ("held", "first", "holds_first"),
    [
        pytest.param((0, 9), 3, False, id="the number entered at another time"),
        pytest.param((0, 9), 30, False, id="beyond the last"),
        pytest.param((5, 9), 3, None, id="taken by retention"),
    ],
)
def test_the_hub_does_not_hold_the_batchs_first_event(
    held: tuple[int, int], first: int, holds_first: bool | None
) -> None:
    hub = a_hub_made_anew(*held)

    witness = ask_hub(hub, hub, a_partition(0, 10, hub_created_at=MADE), a_batch(first, first))

    assert witness.holds_first is holds_first


def test_an_event_that_the_hub_does_not_give_proves_nothing() -> None:
    hub = a_hub_made_anew(0, 9)
    del hub.events["0"][3]

    with pytest.raises(DependencyUnavailableError, match="did not give") as raised:
        ask_hub(hub, hub, a_partition(0, 10, hub_created_at=MADE), a_batch(3, 5))

    assert raised.value.dependency is Dependency.HUB


def test_a_hub_that_is_made_anew_while_it_is_asked_proves_nothing() -> None:
    hub = a_hub_made_anew(0, 9)
    hub.before_reading = lambda: setattr(hub, "created_at", a_time(600))

    with pytest.raises(DependencyUnavailableError, match="while it was asked"):
        ask_hub(hub, hub, a_partition(0, 10, hub_created_at=MADE), a_batch(3, 5, later=1000))

"""A real lander over the ports in memory."""

from collections.abc import Callable
from datetime import datetime
from itertools import count

from shared.block_codec import Codec
from shared.breaker import Breaker
from shared.contracts import Contracts
from shared.landing import Lander
from shared.ports import Lake, LedgerStore
from tests.builders import START, a_core, a_time, contracts
from tests.memory import MemoryHub


def a_breaker() -> Breaker:
    """A breaker whose time passes so fast that every attempt is a probe."""
    return Breaker(lambda: START, count(0, 1000).__next__)


def a_lander(
    lake: Lake,
    ledger: LedgerStore,
    hub: MemoryHub | None = None,
    known: Contracts | None = None,
    clock: Callable[[], datetime] = a_time,
) -> Lander:
    """Land the simple contract's events, of a hub that was never made anew unless one is given."""
    hub, known = hub or MemoryHub(), known or contracts()
    return Lander(
        contracts=known,
        lake=lake,
        ledger=ledger,
        hub=hub,
        events=hub,
        breaker=a_breaker(),
        codec=Codec(),
        encoder_of=a_core(known).encoder_of,
        clock=clock,
    )

"""A real lander over the ports in memory."""

from collections.abc import Callable
from datetime import datetime
from itertools import count

from shared.contracts.catalog import ContractCatalog
from shared.encoding.compression import Codec
from shared.lake import Lake
from shared.landing.circuit_breaker import CircuitBreaker
from shared.landing.lander import Lander
from shared.ledger.store import LedgerStore
from tests.builders import START, a_core, a_time, contracts
from tests.memory import MemoryHub


def a_circuit_breaker() -> CircuitBreaker:
    """A circuit breaker whose time passes so fast that every attempt is a probe."""
    return CircuitBreaker(lambda: START, count(0, 1000).__next__)


def a_lander(
    lake: Lake,
    ledger: LedgerStore,
    hub: MemoryHub | None = None,
    known: ContractCatalog | None = None,
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
        circuit_breaker=a_circuit_breaker(),
        codec=Codec(),
        encoder_of=a_core(known).encoder_of,
        clock=clock,
    )

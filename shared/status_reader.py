"""Answer for the status quickly, from dependencies that may be slow or down."""

from collections.abc import Callable, Sequence
from datetime import datetime

from shared.breaker import Breaker
from shared.contracts import Contracts
from shared.core import Core
from shared.latest import Latest, Patience
from shared.ledger import PartitionState
from shared.ports import HubPartition, LedgerStore, WorkStore
from shared.status import PipelineStatus, describe_pipeline
from shared.work_status import WorkStatus, read_work_status

# Together under the 250 ms that the status may take. The SDK's question to the hub takes longer
# than that, so the status mostly tells the hub's last answer, and asks for the next one.
LEDGER_PATIENCE = Patience(seconds=0.12, oldest_seconds=10, refresh_seconds=0.12)
WORK_PATIENCE = Patience(seconds=0.06, oldest_seconds=10, refresh_seconds=0.06)
HUB_PATIENCE = Patience(seconds=0.02, oldest_seconds=75, refresh_seconds=2)


class StatusReader:
    """Reads the ledger and the hub; a dependency that is down degrades the answer."""

    def __init__(
        self,
        *,
        contracts: Contracts,
        core: Core,
        ledger: LedgerStore,
        works: WorkStore,
        hub: Latest[Sequence[HubPartition]],
        breaker: Breaker,
        clock: Callable[[], datetime],
    ) -> None:
        """Keep the collaborators; does no I/O."""
        self._contracts, self._hub, self._clock = contracts, hub, clock
        self._breaker, self._core = breaker, core
        self._states: Latest[Sequence[PartitionState]] = Latest(ledger.list_states, clock)
        self._work = Latest(lambda: read_work_status(ledger, works), clock)

    def read(self) -> PipelineStatus:
        """Describe the pipeline as of now, with the latest that each dependency said."""
        hub = self._hub.ask(HUB_PATIENCE)
        states = self._states.ask(LEDGER_PATIENCE)
        work = self._work.ask(WORK_PATIENCE)
        named = {"ledger": states.problem or work.problem, "hub": hub.problem}
        return describe_pipeline(
            states=states.value or (),
            hub_partitions=hub.value or (),
            contracts=[contract.id for contract in self._contracts],
            work=work.value or WorkStatus(),
            problems=[f"{name}: {problem}" for name, problem in named.items() if problem],
            outage=self._breaker.outage,
            conflicts=self._breaker.conflicts,
            core=self._core,
            as_of=self._clock(),
        )

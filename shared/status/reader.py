"""Answer for the status quickly, from dependencies that may be slow or down."""

from collections.abc import Callable, Sequence
from datetime import datetime

from shared.contracts.catalog import ContractCatalog
from shared.encoding.encoder_choice import Core
from shared.hub.properties import HubPartition
from shared.landing.circuit_breaker import CircuitBreaker
from shared.ledger.partition import Partition
from shared.ledger.store import LedgerStore
from shared.status.latest_answer import AnswerPatience, LatestAnswer
from shared.status.pipeline import PipelineStatus, describe_pipeline
from shared.status.work import WorkStatus, read_work_status
from shared.transform.work_store import WorkStore

# Together under the 250 ms that the status may take. The SDK's question to the hub takes longer
# than that, so the status mostly tells the hub's last answer, and asks for the next one.
LEDGER_PATIENCE = AnswerPatience(seconds=0.12, oldest_seconds=10, refresh_seconds=0.12)
WORK_PATIENCE = AnswerPatience(seconds=0.06, oldest_seconds=10, refresh_seconds=0.06)
HUB_PATIENCE = AnswerPatience(seconds=0.02, oldest_seconds=75, refresh_seconds=2)


class StatusReader:
    """Reads the ledger and the hub; a dependency that is down degrades the answer."""

    def __init__(
        self,
        *,
        contracts: ContractCatalog,
        core: Core,
        ledger: LedgerStore,
        works: WorkStore,
        hub: LatestAnswer[Sequence[HubPartition]],
        circuit_breaker: CircuitBreaker,
        clock: Callable[[], datetime],
    ) -> None:
        """Keep the collaborators; does no I/O."""
        self._contracts, self._hub, self._clock = contracts, hub, clock
        self._circuit_breaker, self._core = circuit_breaker, core
        self._partitions: LatestAnswer[Sequence[Partition]] = LatestAnswer(
            ledger.list_partitions, clock
        )
        self._work = LatestAnswer(lambda: read_work_status(ledger, works), clock)

    def read(self) -> PipelineStatus:
        """Describe the pipeline as of now, with the latest that each dependency said."""
        hub = self._hub.ask(HUB_PATIENCE)
        partitions = self._partitions.ask(LEDGER_PATIENCE)
        work = self._work.ask(WORK_PATIENCE)
        named = {"ledger": partitions.problem or work.problem, "hub": hub.problem}
        return describe_pipeline(
            partitions=partitions.value or (),
            hub_partitions=hub.value or (),
            contracts=[contract.id for contract in self._contracts],
            work=work.value or WorkStatus(),
            problems=[f"{name}: {problem}" for name, problem in named.items() if problem],
            outage=self._circuit_breaker.outage,
            conflicts=self._circuit_breaker.conflicts,
            core=self._core,
            as_of=self._clock(),
        )

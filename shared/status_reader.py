"""Answer for the status quickly, from dependencies that may be slow or down."""

from collections.abc import Callable, Sequence
from datetime import datetime

from shared.contracts import Contracts
from shared.latest import Latest
from shared.ledger import PartitionState
from shared.ports import HubPartition, HubReader, LedgerStore
from shared.status import PipelineStatus, describe_pipeline

# Together under the 250 ms that the status may take; the hub is asked while the ledger answers.
LEDGER_PATIENCE_SECONDS = 0.15
HUB_PATIENCE_SECONDS = 0.05
FIRST_PATIENCE_SECONDS = 5.0


class StatusReader:
    """Reads the ledger and the hub; a dependency that is down degrades the answer."""

    def __init__(
        self,
        *,
        contracts: Contracts,
        ledger: LedgerStore,
        hub: HubReader,
        clock: Callable[[], datetime],
    ) -> None:
        """Keep the collaborators; does no I/O."""
        self._contracts, self._ledger, self._clock = contracts, ledger, clock
        self._states: Latest[Sequence[PartitionState]] = Latest(ledger.list_states, clock)
        self._hub_partitions: Latest[Sequence[HubPartition]] = Latest(hub.read_partitions, clock)

    def read(self) -> PipelineStatus:
        """Describe the pipeline as of now, with the latest that each dependency said."""
        hub = self._hub_partitions.ask(HUB_PATIENCE_SECONDS, FIRST_PATIENCE_SECONDS)
        states = self._states.ask(LEDGER_PATIENCE_SECONDS, FIRST_PATIENCE_SECONDS)
        named = {"ledger": states.problem, "hub": hub.problem}
        return describe_pipeline(
            states=states.value or (),
            hub_partitions=hub.value or (),
            contracts=[contract.id for contract in self._contracts],
            problems=[f"{name}: {problem}" for name, problem in named.items() if problem],
            as_of=self._clock(),
        )

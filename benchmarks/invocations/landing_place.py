"""Where both functions land: in memory, because a real lake would cost both the same."""

from benchmarks.invocations.handed import PARTITIONS
from benchmarks.readings import CONTRACT
from shared.contracts.catalog import ContractCatalog
from shared.landing.lander import Lander
from tests.landers import a_lander
from tests.memory import MemoryHub, MemoryLake, MemoryLedger

KNOWN = ContractCatalog([CONTRACT])


class LandingPlace:
    """A lake and a ledger that can be emptied again."""

    def __init__(self) -> None:
        """Start empty."""
        self.renew()

    def renew(self) -> None:
        """Forget what landed, so the same batches are new again."""
        self.lake, self.ledger = MemoryLake(), MemoryLedger()
        hub = MemoryHub(partitions=dict.fromkeys(PARTITIONS, (0, -1)))
        self.lander: Lander = a_lander(self.lake, self.ledger, hub, known=KNOWN)

    def require_files(self, count: int) -> None:
        """Raise unless every batch made exactly one file: all of its events are good."""
        if len(self.lake.files) != count:
            message = f"{count} batches made {len(self.lake.files)} files"
            raise RuntimeError(message)


PLACE = LandingPlace()

"""The state that all connections share."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from local.hub.faults import Fault
from local.hub.namespace import Namespace
from local.hub.sas import AccessKey
from local.kit.faults import Faults

MAX_MESSAGE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """The namespace, its access key, and the faults that are set."""

    namespace: Namespace
    key: AccessKey
    faults: Faults[Fault] = field(default_factory=Faults)
    clock: Callable[[], float] = time.time

    def take_fault(self, on: str, hub: str, partition_id: str) -> Fault | None:
        """Find the fault that fires here, and count it."""
        return self.faults.take(lambda fault: fault.matches(on, hub, partition_id))

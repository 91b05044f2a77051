"""What a fault does to this process."""

import os
import signal
import time
from collections import Counter
from collections.abc import Sequence
from threading import Lock

from shared.landing.fault_points import Fault, FaultPoint


class ProcessFaults:
    """Counts how often each point is reached, and kills or pauses the process when one is due."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep the faults."""
        self._faults = faults
        self._reached: Counter[FaultPoint] = Counter()
        self._lock = Lock()

    def __call__(self, point: FaultPoint) -> None:
        """Reach a point; a process that is killed here gets no chance to clean up."""
        with self._lock:
            self._reached[point] += 1
            times = self._reached[point]
        for fault in self._faults:
            if fault.point is not point or times % fault.nth:
                continue
            if fault.pause is None:
                os.kill(os.getpid(), signal.SIGKILL)
            else:
                time.sleep(fault.pause.total_seconds())

"""What every connection shares."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from local.hub.faults import Faults
from local.hub.namespace import Namespace
from local.hub.sas import AccessKey

MAX_MESSAGE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """The namespace, the key to it, and the faults that are ordered."""

    namespace: Namespace
    key: AccessKey
    faults: Faults = field(default_factory=Faults)
    clock: Callable[[], float] = time.time

"""Says of each batch on standard input whether our decoding makes of it what the library makes.

Run by a Python 3.13 of its own, with the datums of Microsoft's worker library.
"""

import base64
import json
import sys
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from azure.functions.eventhub import EventHubTriggerConverter
from azure_functions_runtime.bindings.datumdef import Datum

from functions.handover import HandedOver
from functions.translation import parse_event_batch
from shared.errors import MisconfiguredError
from shared.hub.events import EventBatch


class Decoded(Sequence[Any]):
    """What the library decodes, once somebody asks: so that its errors are compared too."""

    def __init__(self, data: Datum, metadata: dict[str, Datum]) -> None:
        self._decode = lambda: EventHubTriggerConverter.decode(data, trigger_metadata=metadata)

    def __len__(self) -> int:
        return len(self._decode())

    def __getitem__(self, index: Any) -> Any:
        return self._decode()[index]


def is_alike(bodies: list[str], metadata: dict[str, str]) -> bool:
    data = Datum(
        SimpleNamespace(bytes=[base64.b64decode(body) for body in bodies]), "collection_bytes"
    )
    datums = {name: Datum(text, "json") for name, text in metadata.items()}
    return outcome(HandedOver(data, datums)) == outcome(Decoded(data, datums))


def outcome(events: Sequence[Any]) -> EventBatch | str:
    try:
        return parse_event_batch(events)
    except (MisconfiguredError, ValueError) as error:
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(f"{json.dumps(is_alike(**json.loads(line)))}\n")
        sys.stdout.flush()

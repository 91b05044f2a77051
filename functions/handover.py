"""Takes a batch undecoded from the worker, because the library would decode it event by event.

Our own converter takes it. It is registered as the library registers new kinds of bindings: by
subclassing, under a name that is not taken. The worker finds a parameter's converter by its
binding's `type`. The host only gets function.json, which is written before `type` changes and still
says eventHubTrigger. Neither the library nor the worker promises this, so `take_whole` tries it,
and keeps the library's decoding if it does not work.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import azure.functions as func
from azure.functions.decorators.function_app import FunctionBuilder
from azure.functions.eventhub import EventHubTriggerConverter
from azure.functions.meta import Datum

from shared.hub.events import EventBatch
from shared.logs import log_event

BINDING = "landfallEventHubTrigger"
logger = logging.getLogger("landfall.handover")
# The library's types allow any kind of event and trigger, but no converter of others.
_library: Any = EventHubTriggerConverter
_registry: Any = func.get_binding_registry


class HandedOver(Sequence[func.EventHubEvent]):
    """A batch's datum and its metadata; whoever looks inside makes the library decode them."""

    def __init__(self, data: Datum, metadata: Mapping[str, Datum]) -> None:
        """Keep both as they came."""
        self.data, self.metadata = data, metadata

    @cached_property
    def _events(self) -> Any:
        return _library.decode(self.data, trigger_metadata=self.metadata)

    def __len__(self) -> int:
        """How many events the batch has."""
        return len(self._events)

    def __getitem__(self, index: Any) -> Any:
        """An event of the batch, or some."""
        return self._events[index]


Decode = Callable[[HandedOver], EventBatch | None]
Parse = Callable[[Sequence[func.EventHubEvent]], EventBatch]


def take_whole(decode: Decode, parse: Parse) -> Callable[[FunctionBuilder], FunctionBuilder]:
    """Take batches undecoded, if `decode` gives the same batch as `parse` does from events."""

    def decorate(builder: FunctionBuilder) -> FunctionBuilder:
        try:
            _check(decode, parse)
            _redirect(builder.build())
        except Exception as error:  # whatever another version raises: slow is still right
            reason = f"{type(error).__name__}: {error}"
            log_event(logger, logging.WARNING, "trigger_decoding_fell_back", reason=reason)
        return builder

    return decorate


def _check(decode: Decode, parse: Parse) -> None:
    """Raise unless a sample becomes the same batch both ways."""
    data, metadata = _make_sample()
    ours = decode(_find_converter().decode(data, trigger_metadata=metadata))
    if ours != parse(_library.decode(data, trigger_metadata=metadata)):
        message = "a sample batch is decoded otherwise than by the library"
        raise ValueError(message)


def _redirect(function: Any) -> None:
    """Point the worker to our converter, unless that changes what the host gets."""
    trigger, told = function.get_trigger(), function.get_raw_bindings()
    usual, trigger.type = trigger.type, BINDING
    if function.get_raw_bindings() != told:
        trigger.type = usual
        message = "the host would be told of another type of trigger"
        raise ValueError(message)


def _find_converter() -> Any:
    return _registry().get(BINDING) or _register()


def _register() -> Any:
    class Converter(_library, binding=BINDING, trigger=True):  # type: ignore[misc,call-arg] # see `_library`
        @classmethod
        def decode(cls, data: Datum, *, trigger_metadata: Mapping[str, Datum]) -> HandedOver:
            return HandedOver(data, trigger_metadata)

    return Converter


def _make_sample() -> tuple[Datum, Mapping[str, Datum]]:
    """Make two events with every optional part, and one without any."""
    times = ("2026-01-02T03:04:05.678", "2026-01-02T03:04:06", "2026-01-02T03:04:06.1234567Z")
    system: list[dict[str, Any]] = [
        {"SequenceNumber": number, "Offset": number, "PartitionKey": None, "EnqueuedTimeUtc": time}
        for number, time in enumerate(times)
    ]
    system[0] |= {"content-type": "application/json", "PartitionKey": "a key"}
    system[1] |= {"iothub-connection-device-id": "a device", "message-id": {}}
    metadata = {
        "PartitionContext": {"EventHubName": "a hub", "PartitionId": "0"},
        "PropertiesArray": [{"contract": "a contract"}, {"n": 1.5, "no": None}, {}],
        "SystemPropertiesArray": system,
    }
    return (
        Datum(SimpleNamespace(bytes=[b"a body", b"", b"\xff"]), "collection_bytes"),
        {name: Datum(json.dumps(value), "json") for name, value in metadata.items()},
    )

"""Which decoding the worker comes to: ours where it is seen to work, else the library's."""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, List  # noqa: UP035 - azure-functions 1.26 takes no list[...] here

import azure.functions as func
import pytest
from azure.functions.decorators.eventhub import EventHubTrigger

from functions import ingest
from functions.event_decoding import decode_batch
from functions.handover import BINDING, HandedOver, take_whole
from functions.translation import parse_event_batch
from local.host.indexing import find_converter, index_function
from shared.hub.events import EventBatch
from tests.handed_batches import make_datums

SYSTEM = {"SequenceNumber": 7, "PartitionKey": None, "EnqueuedTimeUtc": "2025-03-10T12:00:00"}
USUAL = "eventHubTrigger"


def builder() -> Any:
    """A function of many binary events, as a blueprint's decorators leave it."""

    def ingest(events: List[func.EventHubEvent]) -> None: ...  # noqa: UP006 - see above

    decorate = func.Blueprint().event_hub_message_trigger(
        arg_name="events",
        event_hub_name="events",
        connection="HUB",
        cardinality=func.Cardinality.MANY,
        data_type=func.DataType.BINARY,
    )
    return decorate(ingest)


def hand_over(binding: str) -> Any:
    """What the worker gives a function whose trigger's type this is."""
    data, metadata = make_datums([(b"{}", {"contract": "orders"}, SYSTEM)])
    return find_converter(binding).decode(data, trigger_metadata=metadata)


def reasons(caplog: pytest.LogCaptureFixture) -> Sequence[str]:
    lines = [record for record in caplog.records if record.levelno == logging.WARNING]
    documents = [json.loads(record.getMessage()) for record in lines]
    assert {document["event"] for document in documents} <= {"trigger_decoding_fell_back"}
    return [document["reason"] for document in documents]


def test_the_worker_hands_ingest_its_batches_undecoded() -> None:
    indexed = index_function(ingest.ingest.build())

    handed = hand_over(indexed.binding_types["events"])

    assert isinstance(handed, HandedOver)
    assert parse_event_batch(handed) == parse_event_batch(hand_over(USUAL))


def test_the_host_is_told_what_it_is_told_without_us(caplog: pytest.LogCaptureFixture) -> None:
    usual = builder().build().get_raw_bindings()

    function = take_whole(decode_batch, parse_event_batch)(builder()).build()

    assert function.get_raw_bindings() == usual
    assert function.get_trigger().type == BINDING
    assert reasons(caplog) == []


def test_who_looks_into_a_batch_that_was_handed_over_sees_the_librarys_events() -> None:
    handed, (decoded,) = hand_over(BINDING), hand_over(USUAL)

    (event,) = handed

    assert len(handed) == 1
    assert (event.get_body(), event.sequence_number) == (b"{}", 7)
    assert event.enqueued_time == decoded.enqueued_time
    assert event.metadata == decoded.metadata


def decode_nothing(_: HandedOver) -> EventBatch | None:
    return None


def decode_otherwise(handed: HandedOver) -> EventBatch | None:
    batch = decode_batch(handed)
    assert batch is not None
    return EventBatch(address=replace(batch.address, hub="another"), events=batch.events)


def decode_with_an_error(handed: HandedOver) -> EventBatch | None:
    raise AttributeError(handed.data.type)


@pytest.mark.parametrize(
    ("decode", "reason"),
    [
        (decode_nothing, "ValueError: a sample batch is decoded otherwise than by the library"),
        (decode_otherwise, "ValueError: a sample batch is decoded otherwise than by the library"),
        (decode_with_an_error, "AttributeError: collection_bytes"),
    ],
)
def test_a_decoding_that_fails_its_check_leaves_the_librarys_and_one_warning(
    decode: Any, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    function = take_whole(decode, parse_event_batch)(builder()).build()

    assert reasons(caplog) == [reason]
    assert function.get_trigger().type == USUAL
    assert isinstance(hand_over(index_function(function).binding_types["events"]), list)


def test_a_library_that_would_tell_the_host_our_name_leaves_its_own_decoding(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(EventHubTrigger, "get_dict_repr", lambda trigger: {"type": trigger.type})

    function = take_whole(decode_batch, parse_event_batch)(builder()).build()

    assert reasons(caplog) == ["ValueError: the host would be told of another type of trigger"]
    assert function.get_trigger().type == USUAL


def test_a_library_that_takes_no_converter_of_ours_leaves_its_own(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # As if nothing had been registered yet, and the name were taken by somebody else.
    monkeypatch.setattr("functions.handover.BINDING", "eventHub")
    monkeypatch.setattr("functions.handover._registry", dict)

    function = take_whole(decode_batch, parse_event_batch)(builder()).build()

    (reason,) = reasons(caplog)
    assert reason.startswith("RuntimeError: cannot register a converter for 'eventHub' binding")
    assert function.get_trigger().type == USUAL

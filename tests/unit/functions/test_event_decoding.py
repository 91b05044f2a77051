"""Our decoding of a batch makes what the library's makes."""

import json
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.functions.eventhub import EventHubTriggerConverter
from azure.functions.meta import Datum
from hypothesis import given

from functions.event_decoding import decode_batch
from functions.handover import HandedOver
from functions.translation import parse_event_batch, tell_of_odd_batches
from local.host.event_payload import PartitionSource, ReceivedEvent, encode_batch
from shared.errors import MisconfiguredError
from shared.hub.events import EventBatch
from tests.handed_batches import Document, Handed, make_datums, odd_batches, written_batches

NOON = datetime(2025, 3, 10, 12, 0, 0, 120_000, tzinfo=UTC)


def event(*, body: bytes = b"{}", properties: Document | None = None, **system: Any) -> Handed:
    usual = {
        "SequenceNumber": 7,
        "Offset": 700,
        "PartitionKey": None,
        "EnqueuedTimeUtc": "2025-03-10T12:00:00.12",
    }
    return body, properties or {}, usual | system


def without(name: str) -> Handed:
    body, properties, system = event()
    return body, properties, {key: value for key, value in system.items() if key != name}


def decode(*events: Handed) -> EventBatch | None:
    return decode_batch(HandedOver(*make_datums(events)))


def parse(*events: Handed) -> EventBatch:
    return parse_event_batch(HandedOver(*make_datums(events)))


def outcome(data: Datum, metadata: Any, *, is_ours: bool) -> EventBatch | str:
    """The batch, or what kind of error it is: also that is alike."""
    try:
        if is_ours:
            return parse_event_batch(HandedOver(data, metadata))
        return parse_event_batch(EventHubTriggerConverter.decode(data, trigger_metadata=metadata))
    except (MisconfiguredError, ValueError) as error:
        return f"{type(error).__name__}: {error}"


@given(written_batches())
def test_any_batch_that_the_extension_writes_becomes_what_it_becomes_by_the_library(
    events: list[Handed],
) -> None:
    data, metadata = make_datums(events)

    ours = decode_batch(HandedOver(data, metadata))

    assert ours is not None
    assert ours == outcome(data, metadata, is_ours=False)


@given(odd_batches())
def test_any_odd_batch_becomes_what_it_becomes_by_the_library(events: list[Handed]) -> None:
    data, metadata = make_datums(events)

    ours, library = (outcome(data, metadata, is_ours=is_ours) for is_ours in (True, False))

    assert ours == library


def test_a_batch_as_the_extension_writes_it_needs_nothing_of_the_library() -> None:
    named = event(
        body=b"\xff",
        properties={"contract": "orders/2", "count": 7, "ratio": 1.5, "on": True, "none": None},
        PartitionKey="a key",
        **{"content-type": "avro/binary"},
    )

    batch = decode(named, event(SequenceNumber=9))

    assert batch is not None
    assert (str(batch.address), batch.first, batch.last) == ("events/p003", 7, 9)
    assert batch.events[0].enqueued_at == NOON
    assert batch.events[0].enqueued_at.tzinfo is UTC
    assert (batch.events[0].body, batch.events[0].content_type) == (b"\xff", "avro/binary")
    assert (batch.events[0].partition_key, batch.events[1].partition_key) == ("a key", None)
    assert batch.events[0].properties == {
        "contract": "orders/2",
        "count": "7",
        "ratio": "1.5",
        "on": "True",
        "none": "None",
    }


def test_a_batch_of_an_iot_hub_is_decoded_as_any_other() -> None:
    source = PartitionSource(
        fully_qualified_namespace="iothub-ns",
        event_hub_name="devices",
        consumer_group="$Default",
        partition_id="1",
    )
    received = ReceivedEvent(
        body=b'{"temperature": 21}',
        sequence_number=47,
        offset="3696",
        enqueued_at=NOON,
        partition_key=None,
        properties={b"ratio": math.inf},
        system_properties={
            b"iothub-connection-device-id": b"device-1",
            b"iothub-connection-auth-method": b'{"scope":"device","type":"sas"}',
            b"iothub-connection-auth-generation-id": b"637618061680407492",
            b"iothub-enqueuedtime": int(NOON.timestamp() * 1000),
            b"iothub-message-source": b"Telemetry",
            b"content-type": b"application/json",
            b"message-id": b"m-1",
            b"user-id": b"user",
        },
    )
    payload = encode_batch([received], source, data_type="BINARY", is_checkpointing=True)

    batch = decode_batch(HandedOver(payload.data, payload.metadata))

    assert batch is not None
    assert batch == parse_event_batch(
        EventHubTriggerConverter.decode(payload.data, trigger_metadata=payload.metadata)
    )
    assert batch.events[0].properties == {"ratio": "Infinity"}
    assert batch.events[0].content_type == "application/json"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-03-10T12:00:00", NOON.replace(microsecond=0)),
        ("2025-03-10T12:00:00.1", NOON.replace(microsecond=100_000)),
        ("2025-03-10T12:00:00.1234567", NOON.replace(microsecond=123_456)),
        ("2025-03-10T12:00:00.1234567Z", NOON.replace(microsecond=123_456)),
        ("2025-03-10T12:00:00.12+00:00", NOON),
        ("2025-03-10T14:00:00.12+02:00", NOON),
    ],
)
def test_an_enqueued_time_is_utc_unless_it_names_a_zone(text: str, expected: datetime) -> None:
    batch = decode(event(EnqueuedTimeUtc=text))

    assert batch is not None
    assert batch.events[0].enqueued_at == expected
    assert batch.events[0].enqueued_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("name", ["SequenceNumber", "EnqueuedTimeUtc"])
def test_an_event_without_number_or_time_is_a_misconfiguration(name: str) -> None:
    with pytest.raises(MisconfiguredError, match="without sequence number or enqueued time"):
        parse(without(name))


@pytest.mark.parametrize(
    "odd",
    [
        event(SequenceNumber="7"),
        event(PartitionKey=5),
        event(EnqueuedTimeUtc="03/10/2025 12:00:00.12Z"),
    ],
)
def test_what_the_extension_does_not_write_is_left_to_the_library(odd: Handed) -> None:
    (parsed,) = parse(odd).events

    assert decode(odd) is None
    assert (parsed.sequence_number, parsed.enqueued_at) == (7, NOON)


@pytest.mark.parametrize("written", [5, True, None, ["avro/binary"], {"avro/binary": 1}])
def test_a_content_type_that_is_no_text_is_none(written: Any) -> None:
    data, metadata = make_datums([event(**{"content-type": written})])

    ours = decode_batch(HandedOver(data, metadata))

    assert ours is not None
    assert ours.events[0].content_type is None
    assert ours == outcome(data, metadata, is_ours=False)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("SystemPropertiesArray", "[null]"),
        ("SystemPropertiesArray", "[7]"),
        ("PropertiesArray", "[null]"),
        ("PropertiesArray", "[NaN]"),
        ("PropertiesArray", "nothing"),
        ("PropertiesArray", "null"),
        ("PartitionContext", "{}"),
        ("PartitionContext", "[]"),
    ],
)
def test_metadata_of_another_form_is_left_to_the_library(name: str, written: str) -> None:
    data, metadata = make_datums([event()])

    assert decode_batch(HandedOver(data, {**metadata, name: Datum(written, "json")})) is None


def test_it_is_told_once_that_batches_are_left_to_the_library(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tell_of_odd_batches.cache_clear()

    for _ in range(2):
        parse(event(SequenceNumber="7"))

    (line,) = caplog.records
    assert (line.levelname, json.loads(line.getMessage())["event"]) == (
        "WARNING",
        "trigger_batch_left_to_the_library",
    )


@pytest.mark.parametrize("name", ["PropertiesArray", "PartitionContext"])
def test_a_batch_without_its_metadata_is_refused(name: str) -> None:
    handed = HandedOver(*make_datums([event()], lacking=name))

    with pytest.raises(KeyError, match=name):
        parse_event_batch(handed)


def test_no_event_is_dropped_where_the_arrays_differ_in_length() -> None:
    data, metadata = make_datums([event(), event(SequenceNumber=8)])
    shorter = {**metadata, "PropertiesArray": Datum("[{}]", "json")}

    with pytest.raises(ValueError, match="shorter"):
        parse_event_batch(HandedOver(data, shorter))

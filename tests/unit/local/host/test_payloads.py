"""What the library's converters make of the host's payloads."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import azure.functions as func
import pytest

from local.host.blob_path import parse_blob_path
from local.host.blob_payload import FoundBlob, encode_blob, receipt_name
from local.host.event_payload import PartitionSource, ReceivedEvent, encode_batch, encode_single
from local.host.http_payload import HttpQuestion, encode_request
from local.host.indexing import find_converter
from local.host.routes import compile_route
from local.host.schedule import parse_schedule
from local.host.timer_payload import encode_timer
from local.host.worker import TriggerPayload

NOON = datetime(2025, 3, 10, 12, 0, 0, 120_000, tzinfo=UTC)
SOURCE = PartitionSource(
    fully_qualified_namespace="ns.example",
    event_hub_name="readings",
    consumer_group="$Default",
    partition_id="3",
)


def received(
    number: int,
    *,
    body: bytes = b"{}",
    key: str | None = None,
    system: Mapping[Any, Any] | None = None,
    enqueued_at: datetime = NOON,
) -> ReceivedEvent:
    return ReceivedEvent(
        body=body,
        sequence_number=number,
        offset=str(number * 100),
        enqueued_at=enqueued_at,
        partition_key=key,
        properties={b"contract": b"orders/2", "count": 7},
        system_properties=system or {},
    )


def decode(trigger: str, payload: TriggerPayload) -> Any:
    return find_converter(trigger).decode(payload.data, trigger_metadata=payload.metadata)


def decode_batch(*events: ReceivedEvent, data_type: str | None = "BINARY") -> Any:
    payload = encode_batch(events, SOURCE, data_type=data_type, is_checkpointing=True)
    return decode("eventHubTrigger", payload)


def test_a_binary_batch_keeps_every_body_as_it_is() -> None:
    bodies = [b"{}", b"", b"\xff\xfe", b"not json"]

    events = decode_batch(*(received(n, body=body) for n, body in enumerate(bodies)))

    assert [event.get_body() for event in events] == bodies
    assert [event.sequence_number for event in events] == [0, 1, 2, 3]


def test_an_enqueued_time_is_utc_but_comes_without_a_zone() -> None:
    (event,) = decode_batch(received(1))

    assert event.enqueued_time == NOON.replace(tzinfo=None)
    assert event.metadata["EnqueuedTimeUtcArray"] == ["2025-03-10T12:00:00.12"]


def test_an_offset_is_a_number_in_a_batch_and_a_text_in_its_array() -> None:
    (event,) = decode_batch(received(9))

    assert event.offset == 900
    assert event.metadata["OffsetArray"] == ["900"]
    assert event.metadata["SequenceNumberArray"] == [9]


def test_null_partition_keys_are_dropped_from_their_array() -> None:
    events = decode_batch(received(1), received(2, key="a"), received(3))

    assert [event.partition_key for event in events] == [None, "a", None]
    assert events[0].metadata["PartitionKeyArray"] == ["a"]


def test_application_properties_and_the_partition_are_in_the_metadata() -> None:
    (event,) = decode_batch(received(1))

    assert event.metadata["PropertiesArray"] == [{"contract": "orders/2", "count": 7}]
    assert event.metadata["PartitionContext"]["PartitionId"] == "3"
    assert event.metadata["PartitionContext"]["EventHubName"] == "readings"


def test_system_properties_hold_the_content_type_and_hide_the_message_id() -> None:
    system = {
        b"content-type": b"avro/binary+1f",
        b"message-id": b"m-1",
        b"x-opt-sequence-number": 4,
        b"x-opt-offset": b"400",
        b"x-opt-enqueued-time": int(NOON.timestamp() * 1000),
    }

    (event,) = decode_batch(received(4, system=system))

    assert event.metadata["SystemPropertiesArray"] == [
        {
            "content-type": "avro/binary+1f",
            "message-id": {},
            "x-opt-sequence-number": 4,
            "x-opt-offset": "400",
            "x-opt-enqueued-time": "2025-03-10T12:00:00.12+00:00",
            "SequenceNumber": 4,
            "Offset": 400,
            "OffsetString": "400",
            "PartitionKey": None,
            "EnqueuedTimeUtc": "2025-03-10T12:00:00.12",
        }
    ]


def test_a_string_batch_loses_its_empty_bodies_and_fails() -> None:
    with pytest.raises(AssertionError, match="bodies and metadata mismatched"):
        decode_batch(received(1), received(2, body=b""), data_type="STRING")


def test_without_a_data_type_one_body_that_is_not_json_fails_the_batch() -> None:
    with pytest.raises(ValueError, match="line 1 column 5"):
        decode_batch(received(1), received(2, body=b"not json"), data_type=None)


def test_a_single_event_comes_with_its_properties() -> None:
    payload = encode_single(
        received(5, body=b"\xff", key="k"), SOURCE, data_type="BINARY", is_checkpointing=True
    )

    event = decode("eventHubTrigger", payload)

    assert (event.get_body(), event.sequence_number) == (b"\xff", 5)
    assert (event.offset, event.partition_key) == ("500", "k")
    assert event.metadata["Properties"]["contract"] == "orders/2"


def test_a_timer_knows_whether_it_is_past_due() -> None:
    payload = encode_timer(parse_schedule("0 0 * * * *"), None, is_past_due=True)

    timer = decode("timerTrigger", payload)

    assert timer.past_due is True
    assert timer.schedule == {"AdjustForDST": True}


def test_a_request_has_lower_case_headers_and_no_empty_query_values() -> None:
    question = HttpQuestion(
        method="POST",
        url="http://127.0.0.1:7071/api/x?a=1&b=",
        headers={"X-One": "1"},
        query={"a": "1", "b": ""},
        route_parameters={"id": "7"},
        body=b"\xff",
    )

    request = decode("httpTrigger", encode_request(question))

    assert isinstance(request, func.HttpRequest)
    assert dict(request.headers) == {"x-one": "1"}
    assert dict(request.params) == {"a": "1"}
    assert dict(request.route_params) == {"id": "7"}
    assert request.get_body() == b"\xff"


def test_a_blob_comes_with_name_uri_length_and_metadata() -> None:
    blob = FoundBlob(
        container="drop",
        name="a/b.csv",
        etag="0x8D",
        blob_type="BlockBlob",
        length=2,
        content_type="text/csv",
        created_at=NOON,
        modified_at=NOON,
        metadata={"k": "v"},
        values={"name": "a/b"},
    )

    stream = decode("blobTrigger", encode_blob(blob, b"12", uri="http://x/drop/a/b.csv"))

    assert (stream.name, stream.uri) == ("drop/a/b.csv", "http://x/drop/a/b.csv")
    assert (stream.length, stream.metadata, stream.read()) == (2, {"k": "v"}, b"12")
    assert receipt_name(blob, host_id="h", function_id="f") == (
        'blobreceipts/h/f/"0x8D"/drop/a/b.csv'
    )


@pytest.mark.parametrize(
    ("path", "blob", "values"),
    [
        ("drop/{name}", "a/b.csv", {"name": "a/b.csv"}),
        ("drop/in/{name}.csv", "in/x.csv", {"name": "x"}),
        ("drop/in/{name}.csv", "out/x.csv", None),
        ("drop", "x", {"name": "x"}),
        ("drop/{day}/{name}", "d/n", {"day": "d", "name": "n"}),
    ],
)
def test_a_blob_path_names_parts_of_the_blob(
    path: str, blob: str, values: dict[str, str] | None
) -> None:
    assert parse_blob_path(path).match(blob) == values


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("status", "/api/Status", {}),
        ("orders/{id}", "/api/orders/a%20b", {"id": "a b"}),
        ("orders/{id:int}", "/api/orders/x", None),
        ("orders/{id?}", "/api/orders", {}),
        ("{*rest}", "/api/a/b", {"rest": "a/b"}),
        ("files/{name}.csv", "/api/files/x.csv", {"name": "x"}),
    ],
)
def test_a_route_gives_its_parameters(
    template: str, path: str, values: dict[str, str] | None
) -> None:
    route = compile_route(
        function_name="f", prefix="api", template=template, methods=frozenset({"GET"})
    )

    assert route.match("GET", path) == values
    assert route.match("POST", path) is None


def test_an_offset_that_is_no_number_comes_as_text_and_as_one_before_all() -> None:
    geo_replicated = received(1)._replace(offset="149:1:700")

    (event,) = decode_batch(geo_replicated)

    assert event.offset == -1
    assert event.metadata["OffsetArray"] == ["-1"]
    assert event.metadata["OffsetStringArray"] == ["149:1:700"]
    assert event.metadata["SystemPropertiesArray"][0]["OffsetString"] == "149:1:700"


def test_times_and_numbers_that_json_lacks_are_written_as_json_net_writes_them() -> None:
    enqueued = {b"iothub-enqueuedtime": int(NOON.timestamp() * 1000)}
    properties = {"nan": math.nan, "low": -math.inf, "high": math.inf}
    odd = received(1, system=enqueued)._replace(properties=properties)

    (event,) = decode_batch(odd)

    assert event.iothub_metadata == {"enqueuedtime": "2025-03-10T12:00:00.12Z"}
    assert event.metadata["PropertiesArray"] == [
        {"nan": "NaN", "low": "-Infinity", "high": "Infinity"}
    ]

import io
import json
from pathlib import Path
from typing import Any

import fastavro
import pytest

from shared.errors import MisconfiguredError
from shared.values.rejection import Reason
from tests.integration.pipeline import Pipeline, Sent, good_telemetry, serving


def telemetry(**changes: Any) -> Sent:
    return Sent(body=json.dumps(good_telemetry(**changes)).encode())


def telemetry_without(name: str) -> Sent:
    body = good_telemetry()
    del body[name]
    return Sent(body=json.dumps(body).encode())


def sample(**values: Any) -> Sent:
    return Sent(body=json.dumps({"id": 1} | values).encode(), contract="sample")


def text(body: bytes) -> Sent:
    return Sent(body=body)


def avro(body: bytes, contract: str = "sample") -> Sent:
    return Sent(body=body, contract=contract, content_type="avro/binary")


def sample_avro(tail: bytes = b"") -> bytes:
    return bytes([2, 0, 0, 0, 4]) + b"ab" + bytes([0, 2, 0, 0, 0]) + tail


BAD_EVENTS = [
    (text(b""), Reason.EMPTY_BODY, ""),
    (text(b" " * (1024 * 1024 + 1)), Reason.BODY_TOO_LARGE, ""),
    (Sent(body=b"{}", contract="nobody"), Reason.UNKNOWN_CONTRACT, ""),
    (Sent(body=b"{}", contract=None), Reason.UNKNOWN_CONTRACT, ""),
    (Sent(body=b"{}", contract="telemetry/9"), Reason.UNKNOWN_VERSION, ""),
    (text(b'{"note": "\xff"}'), Reason.INVALID_UTF8, ""),
    (telemetry(note="\ud800"), Reason.INVALID_UTF8, "note"),
    (text(b'{"note": '), Reason.INVALID_JSON, ""),
    (text(b"[" * 200_000), Reason.JSON_TOO_DEEP, ""),
    (text(b"[1]"), Reason.NOT_AN_OBJECT, ""),
    (text(b'{"ok": true, "ok": true}'), Reason.DUPLICATE_KEY, "ok"),
    (avro(sample_avro()[:4]), Reason.AVRO_TRUNCATED, "code"),
    (avro(sample_avro(b"\x00")), Reason.AVRO_TRAILING_BYTES, ""),
    (avro(bytes([2, 0, 0, 8])), Reason.AVRO_MALFORMED, "ratio"),
    (telemetry_without("device_id"), Reason.MISSING_FIELD, "device_id"),
    (telemetry(extra=1), Reason.UNKNOWN_FIELD, "extra"),
    (
        telemetry(position={"latitude": 1, "longitude": 2, "height": 3}),
        Reason.UNKNOWN_FIELD,
        "position.height",
    ),
    (telemetry(reading_number="7"), Reason.WRONG_TYPE, "reading_number"),
    (telemetry(reading_number=7.0), Reason.WRONG_TYPE, "reading_number"),
    (telemetry(tags=["a", 1]), Reason.WRONG_TYPE, "tags[1]"),
    (telemetry(attributes={"a b": 1}), Reason.WRONG_TYPE, 'attributes["a b"]'),
    (sample(parts=[{"weight": 1}, {"weight": "2"}]), Reason.WRONG_TYPE, "parts[1].weight"),
    (telemetry(reading_number=2**31), Reason.OUT_OF_RANGE, "reading_number"),
    (sample(id=2**63), Reason.OUT_OF_RANGE, "id"),
    (telemetry(temperature=float("nan")), Reason.NOT_FINITE, "temperature"),
    (
        text(json.dumps(good_telemetry()).replace("21.5", "1e999").encode()),
        Reason.NOT_FINITE,
        "temperature",
    ),
    (telemetry(event_type="party"), Reason.UNKNOWN_SYMBOL, "event_type"),
    (telemetry(event_id="123"), Reason.BAD_UUID, "event_id"),
    (sample(day="2026-02-30"), Reason.BAD_DATE, "day"),
    (sample(raw="no base64"), Reason.BAD_BASE64, "raw"),
    (sample(price="1,5"), Reason.BAD_DECIMAL, "price"),
    (sample(price=1.005), Reason.OUT_OF_RANGE, "price"),
    (sample(opens="24:00"), Reason.BAD_TIME, "opens"),
    (telemetry(occurred_at="2026-01-01T00:00:00"), Reason.BAD_TIMESTAMP, "occurred_at"),
    (sample(small=-6), Reason.RULE_MINIMUM, "small"),
    (sample(small=6), Reason.RULE_MAXIMUM, "small"),
    (sample(ratio=0), Reason.RULE_EXCLUSIVE_MINIMUM, "ratio"),
    (sample(ratio=1), Reason.RULE_EXCLUSIVE_MAXIMUM, "ratio"),
    (sample(code="a"), Reason.RULE_MIN_LENGTH, "code"),
    (sample(code="abcde"), Reason.RULE_MAX_LENGTH, "code"),
    (sample(code="AB"), Reason.RULE_PATTERN, "code"),
]


def test_the_bad_events_cover_every_reason_code() -> None:
    covered = {reason for _, reason, _ in BAD_EVENTS}

    assert covered == set(Reason)


@pytest.mark.parametrize(
    ("bad", "reason", "path"),
    BAD_EVENTS,
    ids=[f"{reason.value}-{path}" for _, reason, path in BAD_EVENTS],
)
def test_a_bad_event_is_quarantined_untouched_and_its_batch_lands(
    pipeline: Pipeline, bad: Sent, reason: Reason, path: str
) -> None:
    outcome = pipeline.ingest(telemetry(note="before"), bad, telemetry(note="after"))

    kept = outcome.quarantined[1]
    assert (kept["reason"], kept["path"], kept["body"]) == (reason.value, path, bad.body)
    assert [outcome.landed[index]["note"] for index in (0, 2)] == ["before", "after"]
    assert (outcome.batch["landed"], outcome.batch["quarantined"]) == (2, 1)


def test_a_landed_record_is_what_was_sent_with_its_origin_at_the_end(pipeline: Pipeline) -> None:
    first = pipeline.next_number

    outcome = pipeline.ingest(telemetry(temperature=3))

    record = outcome.landed[0]
    assert list(record)[-1] == "_landfall"
    assert record["temperature"] == 3.0
    assert record["occurred_at"].isoformat() == "2026-01-01T00:00:00+00:00"
    assert record["_landfall"]["hub"] == "events"
    assert record["_landfall"]["partition_id"] == "0"
    assert record["_landfall"]["sequence_number"] == first


def test_an_avro_body_lands_as_the_json_body_does(pipeline: Pipeline) -> None:
    schema = json.loads((pipeline.contracts / "telemetry" / "1.avsc").read_text())
    encoded = io.BytesIO()
    values = good_telemetry() | {"occurred_at": 1_767_225_600_000_000}
    fastavro.schemaless_writer(encoded, schema, values)

    outcome = pipeline.ingest(telemetry(), avro(encoded.getvalue(), "telemetry/1"))

    without_origin = [
        {name: value for name, value in record.items() if name != "_landfall"}
        for record in (outcome.landed[0], outcome.landed[1])
    ]
    assert without_origin[0] == without_origin[1]


def test_a_batch_that_the_library_decodes_lands_alike(pipeline: Pipeline) -> None:
    ours = pipeline.ingest(telemetry(), text(b"{"))
    first = pipeline.next_number
    pipeline.next_number += 2

    pipeline.deliver(first, [telemetry(), text(b"{")], converter="eventHubTrigger")

    library = pipeline.read_back(first)
    assert library.landed[0] | {"_landfall": None} == ours.landed[0] | {"_landfall": None}
    assert library.quarantined[1]["reason"] == ours.quarantined[1]["reason"]


def test_a_batch_that_comes_again_cut_elsewhere_lands_only_what_is_new(
    pipeline: Pipeline,
) -> None:
    first = pipeline.next_number
    events = [telemetry(reading_number=index) for index in range(6)]
    pipeline.ingest(*events[:4])

    pipeline.next_number = first + 6
    pipeline.deliver(first + 2, events[2:])

    outcome = pipeline.read_back(first + 4)
    assert [record["reading_number"] for record in outcome.landed.values()] == [4, 5]


def test_the_status_adds_up_after_everything_that_was_ingested(pipeline: Pipeline) -> None:
    pipeline.ingest(telemetry(), text(b"nonsense"))

    totals = pipeline.get("status")["ingest"]["totals"]

    assert totals["events"] == pipeline.next_number
    assert totals["landed"] + totals["quarantined"] == totals["events"]
    assert (totals["missing"], totals["lost"]) == (0, 0)


def test_batches_without_a_partition_are_a_clear_error(pipeline: Pipeline) -> None:
    response = pipeline.request("batches")

    assert response.status_code == 400
    assert b"partition" in response.get_body()


def test_reconcile_finds_nothing_to_do_where_every_head_exists(pipeline: Pipeline) -> None:
    pipeline.ingest(telemetry())
    before = pipeline.get("status")["ingest"]["partitions"]

    pipeline.reconcile()

    heads = [partition["head"] for partition in pipeline.get("status")["ingest"]["partitions"]]
    assert heads == [partition["head"] for partition in before]


def test_a_contract_that_cannot_be_used_fails_the_status_and_ingests_nothing(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    broken = tmp_path / "contracts" / "broken"
    broken.mkdir(parents=True)
    (broken / "1.avsc").write_text('{"type": "record", "name": "broken", "fields": [{"name": 1}]}')

    with serving(pipeline.new_service(contracts=broken.parent)):
        status = pipeline.get("status")
        with pytest.raises(MisconfiguredError):
            pipeline.deliver(pipeline.next_number, [telemetry()])

    assert status["state"] == "failing"
    assert "contracts/broken/1.avsc: " in status["reasons"][0]

import io
import json
from datetime import timedelta
from typing import Any, get_args

import fastavro
import polars
import pytest

from shared.encoding.compression import Codec, CodecName
from shared.hub.events import Event
from shared.landing.batch_files import encode_batch
from shared.landing.path import parse_landing_path
from shared.ledger.batch import Counts
from tests.builders import a_contract, a_place, a_range, a_time, an_event, contracts

KNOWN = contracts(a_contract(), a_contract(name="other"))
EVENTS = [
    an_event(5),
    an_event(6, b"broken", partition_key="k", properties={"contract": "simple", "x": "y"}),
    an_event(7, properties={"contract": "other"}),
    an_event(8, properties={"contract": "nobody"}),
    an_event(9),
]


def read(data: bytes) -> list[dict[str, Any]]:
    return list(fastavro.reader(io.BytesIO(data)))


def test_a_batch_makes_one_file_for_each_contract_and_one_for_the_quarantine() -> None:
    encoded = encode_batch(EVENTS, a_place(), KNOWN, Codec())

    assert [(item.file.contract, item.file.records) for item in encoded.files] == [
        ("other/1", 1),
        ("simple/1", 2),
        ("", 2),
    ]
    assert encoded.batch_id == "hub/p000/5-9"


def test_counts_are_by_contract_and_reason() -> None:
    encoded = encode_batch(EVENTS, a_place(), KNOWN, Codec())

    assert encoded.counts == {
        "": Counts(quarantined=1, reasons={"unknown_contract": 1}),
        "other/1": Counts(landed=1),
        "simple/1": Counts(landed=2, quarantined=1, reasons={"invalid_json": 1}),
    }


def test_a_file_is_named_by_its_batch_its_first_hour_and_its_bytes() -> None:
    late = EVENTS[0]._replace(enqueued_at=a_time() + timedelta(hours=5))

    encoded = encode_batch([late, *EVENTS[1:]], a_place(generation=3), KNOWN, Codec())

    path = parse_landing_path(encoded.files[0].file.path)
    assert path is not None
    assert (path.range, path.generation, path.enqueued_at) == (a_range(5, 9), 3, a_time(5 * 3600))
    assert encoded.files[0].file.sha256.startswith(path.digest)


def test_the_same_events_make_the_same_bytes_and_names() -> None:
    first = encode_batch(EVENTS, a_place(), KNOWN, Codec())
    again = encode_batch(EVENTS, a_place(), KNOWN, Codec())

    assert first == again


def test_another_generation_or_other_events_make_other_names() -> None:
    names = {
        encode_batch(events, place, KNOWN, Codec()).files[0].file.path
        for events in (EVENTS[:1], EVENTS[:1] + EVENTS[4:])
        for place in (a_place(), a_place(generation=1))
    }

    assert len(names) == 4


def test_a_landed_record_ends_with_where_it_came_from() -> None:
    encoded = encode_batch(EVENTS, a_place(generation=2), KNOWN, Codec())

    record = read(encoded.files[1].data)[0]
    assert list(record) == ["id", "note", "_landfall"]
    assert record["_landfall"] == {
        "hub": "hub",
        "generation": 2,
        "partition_id": "0",
        "sequence_number": 5,
        "enqueued_at": a_time(5),
    }


def test_a_quarantined_record_keeps_the_bytes_the_reason_and_what_the_event_said() -> None:
    encoded = encode_batch(EVENTS, a_place(), KNOWN, Codec())

    broken, stranger = read(encoded.files[2].data)
    assert (broken["body"], broken["reason"], broken["path"]) == (b"broken", "invalid_json", "")
    assert (broken["contract"], broken["partition_key"]) == ("simple/1", "k")
    assert broken["properties"] == {"contract": "simple", "x": "y"}
    assert (stranger["reason"], stranger["contract"]) == ("unknown_contract", "nobody")


@pytest.mark.parametrize(
    "stranger",
    [
        an_event(0, b'{"\\ud800": 1}'),
        an_event(0, b'{"id": 1, "note": "\\ud800"}'),
        an_event(0, b"?", properties={"a\ud800": "b\udfff"}),
        an_event(0, b"?", properties={"contract": "c\ud800"}),
        an_event(0, b"?", content_type="t\ud800", partition_key="k\ud800"),
    ],
)
def test_text_that_is_no_unicode_is_kept_readable_and_costs_no_batch(stranger: Event) -> None:
    encoded = encode_batch([stranger, an_event(1)], a_place(), KNOWN, Codec())

    (kept,) = read(encoded.files[1].data)
    assert kept["body"] == stranger.body
    assert encoded.files[0].file.records == 1


@pytest.mark.parametrize("name", get_args(CodecName))
def test_each_codec_is_read_back_and_named_in_the_file(name: CodecName) -> None:
    encoded = encode_batch(EVENTS, a_place(), KNOWN, Codec(name=name))

    file = fastavro.reader(io.BytesIO(encoded.files[1].data))
    assert file.metadata["avro.codec"] == name
    assert file.metadata["landfall.batch_id"] == "hub/p000/5-9"
    assert [record["id"] for record in file] == [5, 9]


@pytest.mark.parametrize("name", ["deflate", "snappy", "null"])
def test_polars_reads_each_codec_but_zstandard(name: CodecName) -> None:
    encoded = encode_batch(EVENTS, a_place(), KNOWN, Codec(name=name))

    assert polars.read_avro(io.BytesIO(encoded.files[1].data))["id"].to_list() == [5, 9]


def test_polars_says_that_it_does_not_read_zstandard() -> None:
    encoded = encode_batch(EVENTS, a_place(), KNOWN, Codec(name="zstandard"))

    with pytest.raises(polars.exceptions.ComputeError, match="unsupported Avro codec"):
        polars.read_avro(io.BytesIO(encoded.files[1].data))


def test_a_large_file_has_blocks_that_each_reader_finds_again() -> None:
    events = [an_event(n, json.dumps({"id": n, "note": "x" * 1000}).encode()) for n in range(500)]

    data = encode_batch(events, a_place(), KNOWN, Codec()).files[0].data

    blocks = list(fastavro.block_reader(io.BytesIO(data)))
    assert [block.num_records for block in blocks[:-1]] == [129, 129, 129]
    assert [record["id"] for block in blocks for record in block] == list(range(500))


@pytest.mark.parametrize("level", [0, 3])
def test_the_level_changes_the_bytes_and_not_the_records(level: int) -> None:
    events = [an_event(n) for n in range(500)]
    plain = encode_batch(events, a_place(), KNOWN, Codec(name="null"))

    packed = encode_batch(events, a_place(), KNOWN, Codec(name="deflate", level=level))

    assert read(packed.files[0].data) == read(plain.files[0].data)
    assert len(packed.files[0].data) < len(plain.files[0].data)

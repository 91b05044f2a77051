"""A record of every type, on its way from the producer to the audit."""

import io
import json
from itertools import islice

import fastavro

from ops.audit.walking import make_walk, origin_prefix
from producer.body import AvroEncoder
from producer.synthesis import synthesize_records
from shared.encoding.compression import Codec
from shared.encoding.judging import AcceptedEvent, judge
from shared.landing.batch_files import encode_batch
from shared.values.checking import check
from shared.values.json_body import decode_json, encode_json
from tests.builders import a_place, an_event, contracts
from tests.every_type import EVERY_JSON, LANDED, every_type

EVERY = every_type()
KNOWN = contracts(EVERY, default="every_type")
BODY = json.dumps(EVERY_JSON).encode()


def test_a_record_of_every_type_reads_back_as_it_was_sent() -> None:
    event = an_event(body=BODY)

    (file,) = encode_batch([event], a_place(), KNOWN, Codec()).files

    (record,) = fastavro.reader(io.BytesIO(file.data))
    assert {name: record[name] for name in LANDED} == LANDED


def test_a_record_of_every_type_is_judged_alike_in_avro() -> None:
    body = AvroEncoder(EVERY).encode(EVERY_JSON)
    assert body is not None

    found = judge(an_event(body=body, content_type="avro/binary"), KNOWN)

    assert isinstance(found, AcceptedEvent), found
    assert found.record == check(EVERY_JSON, EVERY.record)


def test_the_audit_steps_over_every_type() -> None:
    event = an_event(7, BODY)
    encoded = encode_batch([event] * 3, a_place(), KNOWN, Codec(name="null"))

    blocks = fastavro.block_reader(io.BytesIO(encoded.files[0].data))
    walk = make_walk(blocks.metadata["avro.schema"])

    (block,) = blocks
    assert walk(block.bytes_.getvalue(), 3, origin_prefix("hub", 0, "0")) == [7, 7, 7]


def test_the_producer_makes_events_of_every_type() -> None:
    made = list(islice(synthesize_records(EVERY.record, 5), 20))

    assert all(check(decode_json(encode_json(value)), EVERY.record) for value in made)

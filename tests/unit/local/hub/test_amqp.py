"""The hub emulator's AMQP codec: values, performatives, frames, messages, keys."""

import struct
import uuid

import pytest
from azure.eventhub._pyamqp import _decode as sdk_decode
from azure.eventhub._pyamqp import _encode as sdk_encode
from azure.eventhub._pyamqp.message import Message
from hypothesis import given
from hypothesis import strategies as st

from local.hub.amqp_decode import decode, skip
from local.hub.amqp_encode import encode
from local.hub.amqp_types import (
    DecodeError,
    Described,
    Int,
    Symbol,
    Timestamp,
    UByte,
    UInt,
    ULong,
    UShort,
)
from local.hub.assembly import Assembly
from local.hub.frames import FrameReader, amqp_frame
from local.hub.messages import (
    add_delivery_annotations,
    encode_response,
    parse_event,
    parse_events,
    parse_request,
    sections,
    stamp,
)
from local.hub.partition_key import partition_for
from local.hub.performatives import Transfer
from local.hub.replies import transfer_frames

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(0, 255).map(UByte),
    st.integers(0, 2**16 - 1).map(UShort),
    st.integers(0, 2**32 - 1).map(UInt),
    st.integers(0, 2**64 - 1).map(ULong),
    st.integers(-(2**31), 2**31 - 1).map(Int),
    st.integers(-(2**63), 2**63 - 1).map(Timestamp),
    st.floats(allow_nan=False),
    st.uuids(),
    st.binary(max_size=300),
    st.text(max_size=300),
    st.text(st.characters(max_codepoint=127), max_size=40).map(Symbol),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(st.text(max_size=10), inner, max_size=5),
        st.builds(Described, st.integers(0, 255).map(ULong), inner),
    ),
    max_leaves=20,
)
SIMPLE = st.one_of(st.none(), st.booleans(), st.integers(-(2**31), 2**31 - 1), st.text())
FIELDS = st.dictionaries(st.text(min_size=1, max_size=10), SIMPLE, min_size=1, max_size=5)


@given(VALUES)
def test_what_is_encoded_decodes_to_itself(value):
    data = encode(value)
    assert decode(data) == (value, len(data))


@given(VALUES, st.binary(max_size=10))
def test_skipping_ends_where_decoding_ends(value, behind):
    data = encode(value)
    assert skip(data + behind, 0) == len(data)
    assert decode(data + behind)[1] == len(data)


@given(VALUES)
def test_no_prefix_of_a_value_is_a_value(value):
    data = encode(value)
    with pytest.raises(DecodeError):
        decode(data[:-1])


@given(st.binary(max_size=60))
def test_any_bytes_decode_or_are_refused(data):
    outcome = outcome_of(data)
    assert outcome is None or 0 < outcome <= len(data)


def outcome_of(data):
    try:
        return decode(data)[1]
    except DecodeError:
        return None


@given(st.lists(SCALARS, max_size=8))
def test_the_sdk_reads_what_is_encoded_here(values):
    data = encode(values)
    expected = [value.encode() if isinstance(value, str) else value for value in values]
    constructor = sdk_decode._DECODE_BY_CONSTRUCTOR[data[0]]
    assert constructor(memoryview(data)[1:])[1] == expected


@given(FIELDS, FIELDS)
def test_what_the_sdk_encodes_is_read_here(properties, nested):
    output = bytearray()
    sdk_encode.encode_map(output, {**properties, "nested": nested})
    assert decode(bytes(output))[0] == {**properties, "nested": nested}


@given(st.lists(st.sampled_from([b"a", b"bc", Symbol("d")]), max_size=4))
def test_arrays_of_symbols_decode_to_their_items(items):
    names = tuple(item.decode() if isinstance(item, bytes) else str(item) for item in items)
    assert decode(encode(names))[0] == list(names)


def test_a_value_nested_without_end_is_refused():
    with pytest.raises(DecodeError):
        decode(b"\x00" * 5000)
    with pytest.raises(DecodeError):
        decode(b"\xc0\xff\x01" * 40)


@given(st.binary(min_size=0, max_size=2000), st.integers(512, 600), st.integers(0, 2**32 - 1))
def test_a_delivery_cut_into_frames_comes_together_again(message, frame_bytes, delivery_id):
    frames = transfer_frames(1, 7, delivery_id, message, frame_bytes)
    reader, assembly = FrameReader(), Assembly(2000)
    reader.feed(b"".join(frames))
    whole = None
    while (frame := reader.take_frame()) is not None:
        transfer = Transfer(
            handle=frame.fields[0], delivery_id=frame.fields[1], message_format=frame.fields[3],
            settled=frame.fields[4], more=frame.fields[5], aborted=False,
        )  # fmt: skip
        whole = assembly.add(transfer, frame.payload)
    assert max(map(len, frames)) <= frame_bytes
    assert (whole.payload, whole.delivery_id, whole.settled) == (message, delivery_id, True)


def test_the_sdk_reads_every_field_of_a_transfer():
    (frame,) = transfer_frames(3, 7, 300, b"payload", 4096)
    code, fields = sdk_decode.decode_frame(memoryview(frame)[8:])
    assert (code, len(fields)) == (20, 12)
    assert fields[:6] == [7, 300, struct.pack(">I", 300), 0, True, False]
    assert bytes(fields[11]) == b"payload"


def test_frames_come_out_however_the_stream_is_cut():
    stream = amqp_frame(1, encode(Described(ULong(0x17), [None])), b"") * 3
    reader, found = FrameReader(), []
    for position in range(len(stream)):
        reader.feed(stream[position : position + 1])
        found.append(reader.take_frame())
    assert sum(frame is not None for frame in found) == 3


@pytest.mark.parametrize("size", [0, 7, 2**31])
def test_a_frame_of_an_impossible_size_is_refused(size):
    reader = FrameReader()
    reader.feed(struct.pack(">IBBH", size, 2, 0, 0))
    with pytest.raises(DecodeError):
        reader.take_frame()


def test_an_aborted_or_too_large_message_leaves_no_trace_in_the_next():
    assembly = Assembly(5)
    more, last = part(more=True), part(more=False)
    assembly.add(more, b"123")
    assert assembly.add(part(more=False, aborted=True), b"") is None
    assembly.add(more, b"123")
    assert assembly.add(last, b"456").payload is None
    assert assembly.add(last, b"12345").payload == b"12345"


def part(more, aborted=False):
    return Transfer(
        handle=0, delivery_id=1, message_format=0, settled=False, more=more, aborted=aborted
    )


@given(st.binary(max_size=300), FIELDS, st.none() | st.text(max_size=20), FIELDS)
def test_a_stamped_event_is_the_sent_one_with_the_services_annotations(
    body, sent, key, annotations
):
    message = sdk_message(data=[body], application_properties=sent, message_annotations=annotations)
    stamped = stamp(parse_event(message, key), 17, 4096, 1_700_000_000_123)
    came = sdk_decode.decode_payload(memoryview(stamped))
    ours = {
        b"x-opt-sequence-number": 17, b"x-opt-offset": b"4096",
        b"x-opt-enqueued-time": 1_700_000_000_123,
    }  # fmt: skip
    keyed = {} if key is None else {b"x-opt-partition-key": key.encode()}
    assert came.data == [body]
    assert came.application_properties == as_read(sent)
    assert came.message_annotations == {**as_read(annotations), **ours, **keyed}


def as_read(fields):
    return {
        key.encode(): value.encode() if isinstance(value, str) else value
        for key, value in fields.items()
    }


def sdk_message(**parts):
    output = bytearray()
    sdk_encode.encode_payload(output, Message(**parts))
    return bytes(output)


def test_everything_but_the_annotations_keeps_its_bytes():
    message = sdk_message(data=[b"one", b"two"], application_properties={"a": 1})
    assert stamp(parse_event(message, None), 0, 16, 0).endswith(message)


def test_delivery_annotations_stand_behind_the_header_only():
    header = encode(Described(ULong(0x70), [True]))
    rest = encode(Described(ULong(0x75), b"body"))
    found = [section.code for section in sections(add_delivery_annotations(header + rest, {}))]
    assert found == [0x70, 0x71, 0x75]


def test_a_batch_is_cut_into_its_events_which_share_its_key():
    inner = [sdk_message(data=[b"one"]), sdk_message(data=[b"two"])]
    batch = sdk_message(data=inner, message_annotations={"x-opt-partition-key": "k"})
    events = parse_events(0x80013700, batch)
    assert [event.body for event in events] == inner
    assert [event.partition_key for event in events] == ["k", "k"]


@pytest.mark.parametrize("message", [b"", b"junk", b"\x00\x53\x75", b"\x00\x53\x01\x40"])
def test_what_is_no_message_is_refused(message):
    with pytest.raises(DecodeError):
        parse_event(message, None)


@pytest.mark.parametrize("message_id", [uuid.UUID(int=7), ULong(7), "seven", b"\x07"])
def test_a_response_answers_to_the_requests_id_in_its_own_type(message_id):
    request = b"".join(
        encode(Described(ULong(code), value))
        for code, value in ((0x73, [message_id]), (0x74, {"operation": "READ"}), (0x77, "body"))
    )
    read = parse_request(request)
    response = encode_response(read.message_id, {"status-code": Int(200)}, None)
    properties = next(s for s in sections(response) if s.code == 0x73)
    came, _ = decode(response, properties.value_at)
    assert (read.properties, read.body) == ({"operation": "READ"}, "body")
    assert (came[5], type(came[5])) == (message_id, type(message_id))


@given(st.text(max_size=60), st.integers(1, 1024))
def test_a_keys_partition_exists_and_stays(key, count):
    first = partition_for(key, count)
    assert 0 <= first < count
    assert partition_for(key, count) == first

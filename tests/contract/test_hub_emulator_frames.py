"""Flow control and refusals on the wire, which the SDK neither uses nor shows."""

import socket
import struct

import pytest

from local.hub.amqp_encode import encode
from local.hub.amqp_types import Described, UInt, ULong
from local.hub.frames import AMQP_HEADER
from tests.contract.hub_client import (
    CLOSE,
    DETACH,
    DISPOSITION,
    END,
    FLOW,
    RECEIVER,
    SENDER,
    TRANSFER,
    Client,
)
from tests.contract.hub_fixture import GROUP, start_hub

OUT_OF_RANGE = "com.microsoft:argument-out-of-range"
BODY = b"\x00\x53\x75"


@pytest.fixture
def client(hubs, hub):
    with Client(hubs.port) as client:
        yield client.authorize(hub)


def receiver_of(hub, partition_id="0"):
    return f"amqps://127.0.0.1/{hub}/ConsumerGroups/{GROUP}/Partitions/{partition_id}"


def test_no_more_events_come_than_there_is_credit_for(hubs, hub, client):
    hubs.put(hub, b"1", b"2", b"3")
    client.attach(2, RECEIVER, receiver_of(hub))
    assert client.hears_nothing_before_echo(TRANSFER)
    client.credit(2, 2, seen=1)
    assert [client.hear(TRANSFER).payload[-1:] for _ in range(2)] == [b"1", b"2"]
    assert client.hears_nothing_before_echo(TRANSFER)
    client.credit(2, 1, delivered=2, seen=3)
    assert client.hear(TRANSFER).payload[-1:] == b"3"


def test_drained_credit_is_given_back(hubs, hub, client):
    hubs.put(hub, b"1")
    client.attach(2, RECEIVER, receiver_of(hub))
    client.credit(2, 5, drain=True, seen=1)
    client.hear(TRANSFER)
    fields = client.hear(FLOW).fields
    assert fields[4:7] == [2, 5, 0]
    assert fields[8] is True


def test_no_more_frames_come_than_the_window_has_room_for(hubs, hub):
    hubs.put(hub, b"1", b"2", b"3")
    with Client(hubs.port, window=2) as client:
        client.authorize(hub)
        client.attach(2, RECEIVER, receiver_of(hub))
        client.credit(2, 10, seen=1, window=2)
        assert [client.hear(TRANSFER).payload[-1:] for _ in range(2)] == [b"1", b"2"]
        assert client.hears_nothing_before_echo(TRANSFER, seen=3, window=0)
        client.say(FLOW, *client.windows(seen=3, window=5))
        assert client.hear(TRANSFER).payload[-1:] == b"3"


def test_an_event_larger_than_a_frame_comes_in_parts_within_the_window(hubs, hub):
    hubs.put(hub, b"x" * 5000)
    with Client(hubs.port, frame_bytes=512, window=3) as client:
        client.authorize(hub)
        client.attach(2, RECEIVER, receiver_of(hub))
        client.credit(2, 10, seen=1, window=3)
        parts = [client.hear(TRANSFER) for _ in range(3)]
        client.say(FLOW, *client.windows(seen=4, window=100))
        while parts[-1].fields[5]:
            parts.append(client.hear(TRANSFER))
    assert b"".join(part.payload for part in parts).endswith(b"x" * 5000)
    assert len({part.fields[1] for part in parts}) == 1
    assert max(len(part.payload) for part in parts) < 512


def test_a_message_in_several_transfers_is_stored_as_one(hubs, hub, client):
    message = encode(Described(ULong(0x75), b"y" * 3000))
    client.attach(2, SENDER, hub)
    client.transfer(2, message[:1000], more=True)
    client.transfer(2, message[1000:2000], more=True)
    client.transfer(2, message[2000:])
    client.hear(DISPOSITION)
    assert hubs.take(hub, 1) == [b"y" * 3000]


def test_a_sender_is_given_credit_again_before_it_runs_out(hub, client):
    client.attach(2, SENDER, hub)
    assert client.hear(FLOW).fields[6] == 1000
    for _ in range(500):
        client.transfer(2, BODY + b"\xa0\x01z")
    fields = client.hear(FLOW).fields
    assert (fields[5], fields[6]) == (500, 1000)


def test_a_message_that_is_no_message_is_rejected(hubs, hub, client):
    client.attach(2, SENDER, hub)
    client.transfer(2, b"\x00\x53\x75\xa0\x09short")
    state = client.hear(DISPOSITION).fields[4]
    assert state.value[0].value[0] == "amqp:decode-error"
    assert hubs.partition(hub)["count"] == 0


@pytest.mark.parametrize(
    ("role", "address", "condition"),
    [
        (RECEIVER, "{hub}/ConsumerGroups/$Default/Partitions/1", OUT_OF_RANGE),
        (SENDER, "{hub}/Partitions/1", OUT_OF_RANGE),
        (SENDER, "{hub}/Publishers/p", "amqp:not-found"),
        (RECEIVER, "{hub}", "amqp:not-found"),
        (SENDER, "another", "amqp:unauthorized-access"),
    ],
)  # fmt: skip
def test_an_attach_that_cannot_be_is_answered_without_terminus_and_detached(
    hub, client, role, address, condition
):
    answer = client.attach(2, role, address.format(hub=hub))
    error = client.hear(DETACH).fields[2]
    assert answer.fields[5:7] == [None, None]
    assert error.value[0] == condition


def test_a_selector_in_another_form_is_an_invalid_field(hub, client):
    client.attach(2, RECEIVER, receiver_of(hub), selector="color = 'red'")
    assert client.hear(DETACH).fields[2].value[0] == "amqp:invalid-field"


def test_a_sixth_receiver_of_a_partition_in_a_group_is_refused(hub, client):
    for handle in range(2, 7):
        assert client.attach(handle, RECEIVER, receiver_of(hub)).fields[5] is not None
    client.attach(7, RECEIVER, receiver_of(hub) + "/")
    error = client.hear(DETACH).fields[2].value
    assert error[0] == "amqp:resource-limit-exceeded"
    assert "which is 5" in error[1]


def test_a_receiver_that_has_detached_makes_room(hub, client):
    for handle in range(2, 7):
        client.attach(handle, RECEIVER, receiver_of(hub))
    client.say(DETACH, UInt(6), True)
    client.hear(DETACH)
    assert client.attach(7, RECEIVER, receiver_of(hub) + "/").fields[5] is not None


def test_a_client_with_an_idle_timeout_is_kept_alive(hubs):
    with Client(hubs.port, idle_ms=100) as client:
        assert client.some_bytes().startswith(b"\x00\x00\x00\x08")


def test_bytes_that_are_no_frame_close_the_connection_with_a_reason(client):
    client.socket.sendall(struct.pack(">IBBH", 3, 2, 0, 0))
    assert client.hear(CLOSE).fields[0].value[0] == "amqp:connection:framing-error"


def test_another_protocol_is_answered_with_the_one_that_is_spoken(hubs):
    with socket.create_connection(("127.0.0.1", hubs.port), timeout=10) as stranger:
        stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert stranger.recv(8, socket.MSG_WAITALL) == AMQP_HEADER
        assert stranger.recv(1) == b""


def test_an_ended_session_and_a_closed_connection_are_answered(client):
    client.say(END, None)
    client.hear(END)
    client.say(CLOSE, None)
    client.hear(CLOSE)
    assert client.socket.recv(1) == b""


def test_the_emulator_says_so_when_it_stops(tmp_path):
    running = start_hub(tmp_path)
    with Client(running.port) as client:
        running.emulator.process.terminate()
        error = client.hear(CLOSE).fields[0]
        running.emulator.process.wait(10)
    assert error.value[0] == "amqp:connection:forced"

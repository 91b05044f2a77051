"""A client that speaks AMQP frame by frame: quick, and able to ask what the SDK never asks."""

import socket
import struct
import time
from base64 import b64encode
from hashlib import sha256
from hmac import HMAC
from urllib.parse import quote_plus, urlencode

from local.hub.amqp_decode import decode
from local.hub.amqp_encode import encode, encode_described_list
from local.hub.amqp_types import Described, Symbol, UInt, ULong, UShort
from local.hub.frames import AMQP_HEADER, SASL_HEADER, FrameReader, amqp_frame, sasl_frame
from local.hub.messages import sections

OPEN, BEGIN, ATTACH, FLOW, TRANSFER, DISPOSITION, DETACH, END, CLOSE = range(0x10, 0x19)
SENDER, RECEIVER = False, True
KEY_NAME = "landfall-tests"
KEY = "a key with + and / and = in it"
GROUP = "readers"


class Client:
    """A client of few words."""

    def __init__(self, port, frame_bytes=4096, window=1000, idle_ms=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.reader = FrameReader()
        self.socket.sendall(SASL_HEADER + AMQP_SASL)
        assert self.socket.recv(8, socket.MSG_WAITALL) == SASL_HEADER
        self.hear(0x44)
        self.socket.sendall(AMQP_HEADER)
        assert self.socket.recv(8, socket.MSG_WAITALL) == AMQP_HEADER
        self.say(OPEN, "client", None, UInt(frame_bytes), UShort(10), idle_ms and UInt(idle_ms))
        self.hear(OPEN)
        self.say(BEGIN, None, UInt(0), UInt(window), UInt(1000))
        self.hear(BEGIN)
        self.sent = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def say(self, code, *fields, payload=b""):
        self.socket.sendall(amqp_frame(0, encode_described_list(code, fields), payload))

    def hear(self, code):
        """Return the next frame of a kind, whatever comes before it."""
        while True:
            while (frame := self.reader.take_frame()) is not None:
                if frame.code == code:
                    return frame
            self.reader.feed(self.some_bytes())

    def hears_nothing_before_echo(self, code, **windows):
        """Ask for an echo and say whether no frame of a kind came before it."""
        self.say(FLOW, *self.windows(**windows), None, None, None, None, False, True)
        while True:
            while (frame := self.reader.take_frame()) is not None:
                if frame.code == code:
                    return False
                if frame.code == FLOW:
                    return True
            self.reader.feed(self.some_bytes())

    def some_bytes(self):
        data = self.socket.recv(65536)
        assert data, "the emulator has closed the connection"
        return data

    def windows(self, seen=0, window=1000):
        return UInt(seen), UInt(window), UInt(self.sent), UInt(1000)

    def attach(self, handle, role, address, selector=None, properties=None):
        filters = None
        if selector is not None:
            name = Symbol("apache.org:selector-filter:string")
            filters = {name: Described(name, selector)}
        source = Described(ULong(0x28), [address, *[None] * 6, filters])
        target = Described(ULong(0x29), [address])
        name = f"link-{handle}-{address}"
        self.say(
            ATTACH, name, UInt(handle), role, None, None, source, target, None, None,
            None if role else UInt(0), None, None, None, properties,
        )  # fmt: skip
        return self.hear(ATTACH)

    def credit(self, handle, count, delivered=0, drain=False, **windows):
        self.say(
            FLOW, *self.windows(**windows), UInt(handle), UInt(delivered), UInt(count), None, drain
        )

    def transfer(self, handle, payload, more=False, message_format=0):
        self.say(
            TRANSFER, UInt(handle), UInt(self.sent), struct.pack(">I", self.sent),
            UInt(message_format), False, more, payload=payload,
        )  # fmt: skip
        self.sent += not more

    def authorize(self, hub):
        audience = f"sb://127.0.0.1/{hub}"
        properties = {
            "operation": "put-token", "type": "servicebus.windows.net:sastoken", "name": audience,
        }  # fmt: skip
        self.attach(0, RECEIVER, "$cbs")
        self.attach(1, SENDER, "$cbs")
        self.credit(0, 10)
        parts = ((0x73, ["id"]), (0x74, properties), (0x77, sas_token(audience)))
        self.transfer(1, b"".join(encode(Described(ULong(code), part)) for code, part in parts))
        self.hear(DISPOSITION)
        return self


def sas_token(audience, key=KEY, key_name=KEY_NAME, lives_seconds=60):
    """Sign a token as the SDKs do."""
    expiry = int(time.time()) + lives_seconds
    signed = f"{quote_plus(audience)}\n{expiry}".encode()
    signature = b64encode(HMAC(key.encode(), signed, sha256).digest())
    fields = {"sr": audience, "sig": signature, "se": expiry, "skn": key_name}
    return "SharedAccessSignature " + urlencode(fields)


AMQP_SASL = sasl_frame(encode_described_list(0x41, [Symbol("ANONYMOUS"), b"", None]))


def put(port, hub, bodies, partition_id="0"):
    """Store events, each on its own, and wait until all are acknowledged."""
    with Client(port).authorize(hub) as client:
        client.attach(2, SENDER, f"{hub}/Partitions/{partition_id}")
        for body in bodies:
            client.transfer(2, encode(Described(ULong(0x75), body)))
        for _ in bodies:
            state = client.hear(DISPOSITION).fields[4]
            assert state.descriptor == 0x24, state


def take(port, hub, count, partition_id="0"):
    """Return the bodies of the first events that there are."""
    with Client(port, frame_bytes=2**20, window=count + 10).authorize(hub) as client:
        client.attach(2, RECEIVER, f"{hub}/ConsumerGroups/{GROUP}/Partitions/{partition_id}")
        client.credit(2, count, seen=1, window=count + 10)
        return [body_of(client.hear(TRANSFER).payload) for _ in range(count)]


def body_of(message):
    return b"".join(
        decode(message, section.value_at)[0]
        for section in sections(message)
        if section.code == 0x75
    )

"""Bodies for a contract, drawn from a random source: good, bad in one place, and broken bytes."""

from random import Random

from fuzz.avro_bodies import AvroBodies
from fuzz.json_bodies import JsonBodies
from shared.values.avro_types import Record

BROKEN = (
    b"", b" ", b"\xef\xbb\xbf", b'"', b"\\", b"\\u", b"\\ud83d", b"\\udE00", b"\\uZZZZ", b"\\x",
    b"\x00", b"\n", b"\xff", b"\xed\xa0\x80", b"\xc3\xa9", b"\xf0\x9f\x98\x80", b",", b":", b"{",
    b"}", b"[", b"]", b"-", b".", b"e", b"+", b"0", b"00", b"1", b"nul", b"tru", b"Infinit",
    b"-Infinit", b"// c", b"[" * 200, b'{"a":' * 130, b"[" * 127 + b"]" * 127,
    b"\x80", b"\x80\x00", b"\xfe\xff\xff\xff\x0f", b"\xff" * 9 + b"\x01", b"\xff" * 9 + b"\x02",
    b"\xff" * 10, b"\x01\x00", b"\x01\x02", b"\x02", b"\x04",
)  # fmt: skip


class Bodies:
    """Draws bodies for one contract."""

    def __init__(self, random: Random, record: Record) -> None:
        """Keep the random source and the type of the bodies."""
        self.random, self.record = random, record
        self.in_json, self.in_avro = JsonBodies(random), AvroBodies(random)
        self.made: list[bytes] = [b"{}"]

    def body(self) -> tuple[bytes, bool]:
        """A body, and whether it is declared as Avro."""
        avro = self.random.random() < 0.35
        self.in_json.badness = self.in_avro.badness = self.random.choice([0.0, 0.0, 0.02, 0.2])
        body = self.in_avro.avro(self.record) if avro else self.in_json.whole(self.record)
        if self.random.random() < 0.3:
            body = self.broken(body)
        self.made = [*self.made[-5:], body]
        return body, avro != (self.random.random() < 0.02)

    def broken(self, body: bytes) -> bytes:
        """The body with parts cut out and other bytes put in their place."""
        for _ in range(self.random.randint(1, 2)):
            start = self.random.randint(0, len(body))
            end = min(len(body), start + self.random.choice([0, 0, 1, 1, 2, 8, len(body)]))
            byte = bytes([self.random.randrange(256)])
            put = self.random.choice([self.random.choice(BROKEN), byte, self._part()])
            body = body[:start] + put + body[end:]
        return body

    def _part(self) -> bytes:
        """A part of an earlier body."""
        body = self.random.choice(self.made)
        start = self.random.randint(0, len(body))
        return body[start : start + self.random.randint(0, 12)]

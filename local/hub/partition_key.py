"""Finds a key's partition with the service's hash, lookup3 by Bob Jenkins (public domain).

The sign of the remainder follows the Python SDK's buffered producer, so a key goes to the same
partition however this SDK sends it.
"""

_MASK = 0xFFFFFFFF
_MIX = (4, 6, 8, 16, 19, 4)
_FINAL = (14, 11, 25, 16, 4, 14, 24)


def partition_for(key: str, partition_count: int) -> int:
    """Return the index of the key's partition."""
    first, second = _lookup3(key.encode())
    folded = (first ^ second) & 0xFFFF
    signed = folded - 0x10000 if folded & 0x8000 else folded
    return abs(signed % partition_count)


def _lookup3(data: bytes) -> tuple[int, int]:
    a = b = c = (0xDEADBEEF + len(data)) & _MASK
    at = 0
    while len(data) - at > 12:
        a, b, c = _mix(*_add(a, b, c, data[at : at + 12]))
        at += 12
    if at < len(data):
        a, b, c = _final(*_add(a, b, c, data[at:]))
    return c, b


def _add(a: int, b: int, c: int, block: bytes) -> tuple[int, int, int]:
    words = [int.from_bytes(block[at : at + 4], "little") for at in (0, 4, 8)]
    return (a + words[0]) & _MASK, (b + words[1]) & _MASK, (c + words[2]) & _MASK


def _rotate(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (32 - bits))) & _MASK


def _mix(a: int, b: int, c: int) -> tuple[int, int, int]:
    for bits in _MIX:
        a = ((a - c) & _MASK) ^ _rotate(c, bits)
        c = (c + b) & _MASK
        # Rotate the registers: each round does the same to the next one.
        a, b, c = b, c, a
    return a, b, c


def _final(a: int, b: int, c: int) -> tuple[int, int, int]:
    for bits in _FINAL:
        c = ((c ^ b) - _rotate(b, bits)) & _MASK
        a, b, c = b, c, a
    # Seven rounds leave the registers shifted by one.
    return c, a, b

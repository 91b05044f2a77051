"""Judges and encodes the events of one contract, a batch in one call."""

from collections.abc import Sequence
from typing import Any

__version__: str

class Plan:
    """A contract, compiled from the nested tuples of shared/native_plan.py."""

    def __new__(cls, record: tuple[Any, ...], block_bytes: int) -> Plan:
        """Raise ValueError for what this core cannot do."""

    def encode(
        self,
        bodies: Sequence[bytes],
        avro: bytes,
        sequence_numbers: Sequence[int],
        enqueued: Sequence[tuple[int, int, int]],
        origin: bytes,
    ) -> tuple[list[tuple[int, bytes]], list[tuple[int, str, str, str]]]:
        """Encode a batch: blocks as count and bytes; rejections as index, reason, path, detail.

        Enqueued is days, seconds of the day and microseconds of the second since 1970.
        """

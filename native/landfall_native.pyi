"""Judges and encodes the events of one contract, a batch in one call."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

__version__: str
REASONS: list[str]

class Plan:
    """A contract, compiled from the nested tuples of shared/encoding/native_plan.py."""

    def __new__(cls, record: tuple[Any, ...], block_bytes: int) -> Plan:
        """Raise ValueError for what this core cannot do."""

    def encode(
        self,
        bodies: Sequence[bytes],
        avro: bytes,
        sequence_numbers: Sequence[int],
        enqueued: Sequence[timedelta],
        origin: bytes,
    ) -> tuple[list[tuple[int, bytes]], tuple[list[int], bytes, list[str], list[str]]]:
        """Encode a batch: blocks as count and bytes; rejections as columns of the same length.

        Those are index, the reason's place in `REASONS`, path and detail. Enqueued is since 1970.
        """

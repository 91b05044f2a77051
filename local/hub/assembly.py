"""Assembles a message from its transfers."""

from dataclasses import dataclass

from local.hub.performatives import Transfer


@dataclass(frozen=True, slots=True)
class Delivery:
    """A complete message; ``payload`` is None if it exceeded the limit and was dropped."""

    delivery_id: int
    message_format: int
    settled: bool
    payload: bytes | None


class Assembly:
    """Collects the parts of one message at a time."""

    def __init__(self, max_bytes: int) -> None:
        """Set the limit; the payload of a larger message is dropped."""
        self._max_bytes = max_bytes
        self._first: Transfer | None = None
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, transfer: Transfer, payload: bytes) -> Delivery | None:
        """Add a part; return the message once it is complete."""
        first = self._first = self._first or transfer
        self._size += len(payload)
        if self._size <= self._max_bytes:
            self._parts.append(payload)
        else:
            self._parts.clear()
        if transfer.more and not transfer.aborted:
            return None
        parts, size = self._parts, self._size
        self._first, self._parts, self._size = None, [], 0
        if transfer.aborted:
            return None
        whole = b"".join(parts) if size <= self._max_bytes else None
        return Delivery(first.delivery_id or 0, first.message_format, transfer.settled, whole)

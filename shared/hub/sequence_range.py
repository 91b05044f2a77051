"""Ranges of sequence numbers."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class SequenceRange:
    """Consecutive sequence numbers, both ends included."""

    first: int
    last: int

    def __post_init__(self) -> None:
        """Refuse an empty range."""
        if self.first > self.last:
            message = f"range {self.first}-{self.last} is empty"
            raise ValueError(message)

    def __contains__(self, sequence_number: int) -> bool:
        """Tell whether the range holds this sequence number."""
        return self.first <= sequence_number <= self.last

    @property
    def count(self) -> int:
        """How many sequence numbers the range holds."""
        return self.last - self.first + 1

    def intersection(self, other: "SequenceRange") -> "SequenceRange | None":
        """The numbers that both ranges hold, or None."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return SequenceRange(first=first, last=last) if first <= last else None

    def without(self, other: "SequenceRange") -> "tuple[SequenceRange, ...]":
        """The numbers of this range that the other does not hold: zero, one or two ranges."""
        left = (self.first, min(self.last, other.first - 1))
        right = (max(self.first, other.last + 1), self.last)
        parts = (left, right) if self.intersection(other) else ((self.first, self.last),)
        return tuple(SequenceRange(first=a, last=b) for a, b in parts if a <= b)


def consecutive_ranges(sequence_numbers: Iterable[int]) -> tuple[SequenceRange, ...]:
    """Fold increasing sequence numbers into ranges."""
    ranges: list[tuple[int, int]] = []
    for number in sequence_numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return tuple(SequenceRange(first=first, last=last) for first, last in ranges)

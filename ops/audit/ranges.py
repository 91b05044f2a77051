"""Merges ranges of sequence numbers: what they cover, and what they hold twice."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.hub.sequence_range import SequenceRange

Ranges = tuple[SequenceRange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """Disjoint ranges in order: all numbers, and those that came more than once."""

    covered: Ranges
    twice: Ranges


def fold(ranges: Iterable[SequenceRange]) -> Folded:
    """Merge ranges that may come in any order, and overlap."""
    covered: list[tuple[int, int]] = []
    twice: list[tuple[int, int]] = []
    for first, last in sorted((part.first, part.last) for part in ranges):
        end = covered[-1][1] if covered else None
        if end is not None and first <= end:
            _extend(twice, first, min(last, end))
        if end is None or last > end:
            _extend(covered, first if end is None else max(first, end + 1), last)
    return Folded(covered=_ranges(covered), twice=_ranges(twice))


def subtract(ranges: Ranges, without: Ranges) -> Ranges:
    """The numbers of some ranges that others lack; both must be disjoint and in order."""
    return tuple(_remains(ranges, without))


def _extend(merged: list[tuple[int, int]], first: int, last: int) -> None:
    """Add a range to those that begin no later than it."""
    if merged and first <= merged[-1][1] + 1:
        merged[-1] = (merged[-1][0], max(merged[-1][1], last))
    else:
        merged.append((first, last))


def _remains(ranges: Ranges, without: Ranges) -> Iterator[SequenceRange]:
    at = 0
    for part in ranges:
        first = part.first
        while at < len(without) and without[at].first <= part.last:
            if first < without[at].first:
                yield SequenceRange(first=first, last=without[at].first - 1)
            first = max(first, without[at].last + 1)
            if first > part.last:
                break  # what was taken may reach into the next part
            at += 1
        if first <= part.last:
            yield SequenceRange(first=first, last=part.last)


def _ranges(merged: list[tuple[int, int]]) -> Ranges:
    return tuple(SequenceRange(first=first, last=last) for first, last in merged)

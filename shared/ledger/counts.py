"""How many events ended how, by contract."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many events ended how; `reasons` counts the quarantined by reason code."""

    landed: int = 0
    quarantined: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: "Counts") -> "Counts":
        """Add up two counts."""
        return Counts(
            landed=self.landed + other.landed,
            quarantined=self.quarantined + other.quarantined,
            reasons=_sum(self.reasons, other.reasons),
        )


def merge_counts(mine: Mapping[str, Counts], theirs: Mapping[str, Counts]) -> dict[str, Counts]:
    """Add up counts by contract."""
    names = sorted({*mine, *theirs})
    return {name: mine.get(name, Counts()) + theirs.get(name, Counts()) for name in names}


def without_zeros(counts: Mapping[str, Counts]) -> dict[str, Counts]:
    """Leave out what adds up to nothing."""
    cleared = {
        name: replace(count, reasons={code: n for code, n in count.reasons.items() if n})
        for name, count in counts.items()
    }
    return {name: count for name, count in cleared.items() if count != Counts()}


def _sum(mine: Mapping[str, int], theirs: Mapping[str, int]) -> dict[str, int]:
    return {key: mine.get(key, 0) + theirs.get(key, 0) for key in sorted({*mine, *theirs})}

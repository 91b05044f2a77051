"""Counts laid flat, so that any two can be added and compared."""

from collections import Counter
from collections.abc import Iterator, Mapping

from shared.ledger.batch import Counts

# The standing of an event: its contract, and its reason code, which is empty if it landed.
Standing = tuple[str, str]
Tally = Counter[Standing]
LANDED = ""
WITHOUT_REASON = "(without a reason)"


def lay_flat(counts: Mapping[str, Counts]) -> Tally:
    """Lay the ledger's counts flat; quarantined events without a reason get their own entry."""
    tally: Tally = Counter()
    for contract, count in counts.items():
        tally[contract, LANDED] += count.landed
        for reason, number in count.reasons.items():
            tally[contract, reason] += number
        tally[contract, WITHOUT_REASON] += count.quarantined - sum(count.reasons.values())
    return tally


def landed(tally: Tally) -> int:
    """How many events landed."""
    return sum(number for (_, reason), number in tally.items() if reason == LANDED)


def quarantined(tally: Tally) -> int:
    """How many events were quarantined."""
    return sum(number for (_, reason), number in tally.items() if reason != LANDED)


def differences(said: Tally, found: Tally, *, who: str) -> Iterator[str]:
    """Tell each count that differs, in words."""
    for contract, reason in sorted({*said, *found}):
        one, other = said[contract, reason], found[contract, reason]
        if one != other:
            what = f"quarantined {reason}" if reason else "landed"
            yield f"{contract or 'no contract'} {what}: {one:,}, but {who} {other:,}"

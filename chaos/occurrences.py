"""Which faults happened, and the ledger's state during them. Pure."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """A fault, from its start until its cause was gone."""

    kind: str
    began: float
    ended: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The ledger's state at one moment: sums over all partitions and generations."""

    at: float
    committed: int
    redelivered: int
    missing: int
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a fault caused, until the next commit after it; None if there was none."""

    events: int
    redelivered: int
    missing: int
    lost: int
    recovered_seconds: float | None


@dataclass(slots=True)
class Occurrences:
    """Records faults as they happen."""

    noted: list[Occurrence] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    def note(self, kind: str, began: float | None = None) -> None:
        """Record a fault that is over."""
        now = monotonic()
        self.noted.append(Occurrence(kind=kind, began=began or now, ended=now))

    @contextmanager
    def during(self, kind: str) -> Iterator[None]:
        """Record a fault that lasts as long as the block."""
        began = monotonic()
        yield
        self.note(kind, began)


def effect_of(fault: Occurrence, samples: Sequence[Sample]) -> Effect:
    """Tell what a fault caused; samples are in time order, and other faults affect them too."""
    first = max(0, bisect_left(samples, fault.began, key=lambda sample: sample.at) - 1)
    after = bisect_left(samples, fault.ended, key=lambda sample: sample.at)
    if after >= len(samples):
        return Effect(events=0, redelivered=0, missing=0, lost=0, recovered_seconds=None)
    stood = samples[max(0, after - 1)].committed
    last = after
    while last < len(samples) - 1 and samples[last].committed <= stood:
        last += 1
    before, end = samples[first], samples[last]
    recovered = end.committed > stood
    return Effect(
        events=max(0, end.committed - before.committed),
        redelivered=max(0, end.redelivered - before.redelivered),
        missing=max(sample.missing for sample in samples[first : last + 1]),
        lost=max(0, end.lost - before.lost),
        recovered_seconds=end.at - fault.ended if recovered else None,
    )

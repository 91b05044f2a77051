"""The verdict: compares the hub's events with the lake and the named losses. Pure."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from chaos.sent import Sent, number_of
from shared.hub.sequence_range import SequenceRange, consecutive_ranges

MOST_RANGES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class HubPlace:
    """A partition of one making of the hub."""

    making: int
    partition_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """A record of a committed file: a good event's value, or a bad one's bytes and reason."""

    sequence_number: int
    value: Any
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerStanding:
    """The ledger's state for a place; `has_ended` if the hub was made anew since."""

    start: int = 0
    head: int = 0
    lost: tuple[SequenceRange, ...] = ()
    has_ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceAccount:
    """What happened to the events of one place, or of all."""

    #: Events that the hub stored.
    stored: int = 0
    #: Events in bronze.
    landed: int = 0
    #: Events in the quarantine.
    quarantined: int = 0
    #: Events that the ledger names as lost.
    lost: int = 0
    #: Events that vanished before anyone saw their numbers: with their hub, or by retention.
    gone: int = 0
    #: Numbers that are committed more than once.
    duplicates: int = 0
    #: Events that are nowhere.
    missing: int = 0
    #: Events that differ from what was sent.
    wrong: int = 0
    #: Each problem, in words.
    problems: tuple[str, ...] = ()

    @property
    def conservation_error(self) -> int:
        """The difference between the hub's count and the accounted events."""
        accounted = self.landed + self.quarantined + self.lost + self.gone
        return abs(self.stored - accounted)

    def __add__(self, other: "PlaceAccount") -> "PlaceAccount":
        """Add up two accounts."""
        return PlaceAccount(
            **{name.name: getattr(self, name.name) + getattr(other, name.name) for name in FIELDS}
        )


FIELDS = fields(PlaceAccount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The account of all places, and the other conditions."""

    #: The account of all places together.
    account: PlaceAccount
    #: Events that the hub stored more than once.
    stored_again: int
    #: Events that the sender knows to be in the hub.
    acknowledged: int
    #: Acknowledged events that the hub does not have.
    unknown_to_hub: int
    #: The audit's last line.
    audit: str
    #: Whether the audit passed.
    is_audit_clean: bool
    #: Files that no commit names.
    orphans: int

    @property
    def holds(self) -> bool:
        """Whether everything adds up."""
        account = self.account
        wrongs = (account.duplicates, account.missing, account.wrong, account.conservation_error)
        return not any(wrongs) and not self.unknown_to_hub and self.is_audit_clean


def judge(
    place: HubPlace,
    stored: Mapping[int, bytes],
    committed: Iterable[Committed],
    standing: LedgerStanding,
    taken_below: int,
    sent: Sent,
) -> PlaceAccount:
    """Compare a place's committed records with the bodies that the hub stored there.

    Retention took every number below `taken_below`. An event may be lost only if retention took
    it, or if its hub was deleted.
    """
    judging = _Judging(place, stored, sent)
    for item in committed:
        judging.take(item)
    judging.account_for_the_rest(standing, taken_below)
    return judging.account()


class _Judging:
    def __init__(self, place: HubPlace, stored: Mapping[int, bytes], sent: Sent) -> None:
        self._place, self._stored, self._sent = place, stored, sent
        self._seen: set[int] = set()
        self._landed = self._quarantined = self._lost = self._gone = 0
        self._duplicates = self._missing = self._wrong = 0
        self._problems: dict[str, list[int]] = defaultdict(list)

    def take(self, item: Committed) -> None:
        number = item.sequence_number
        if number in self._seen:
            self._duplicates += 1
            self._complain(number, "is in the lake twice")
            return
        self._seen.add(number)
        self._landed += not item.reason
        self._quarantined += bool(item.reason)
        if problem := _difference(item, self._stored.get(number), self._sent):
            self._wrong += 1
            self._complain(number, problem)

    def account_for_the_rest(self, standing: LedgerStanding, taken_below: int) -> None:
        lost = {number for part in standing.lost for number in range(part.first, part.last + 1)}
        for number in sorted(lost & self._seen):
            self._wrong += 1
            self._complain(number, "is named as lost, and landed")
        for number in sorted(lost - self._stored.keys()):
            self._wrong += 1
            self._complain(number, "is named as lost, and the hub never had it")
        for number in sorted(self._stored.keys() - self._seen):
            may_be_lost = standing.has_ended or number < taken_below
            if number in lost and may_be_lost:
                self._lost += 1
            elif may_be_lost and not standing.start <= number < standing.head:
                self._gone += 1
            else:
                self._missing += 1
                told = "is named as lost without a cause" if number in lost else "is missing"
                self._complain(number, told)

    def account(self) -> PlaceAccount:
        return PlaceAccount(
            stored=len(self._stored),
            landed=self._landed,
            quarantined=self._quarantined,
            lost=self._lost,
            gone=self._gone,
            duplicates=self._duplicates,
            missing=self._missing,
            wrong=self._wrong,
            problems=tuple(self._told()),
        )

    def _complain(self, number: int, problem: str) -> None:
        self._problems[problem].append(number)

    def _told(self) -> Iterator[str]:
        """Describe each problem, with its sequence numbers."""
        where = f"making {self._place.making}, partition {self._place.partition_id}"
        for problem, numbers in self._problems.items():
            ranges = consecutive_ranges(sorted({*numbers}))
            told = ", ".join(f"{part.first}-{part.last}" for part in ranges[:MOST_RANGES])
            more = " ..." if len(ranges) > MOST_RANGES else ""
            yield f"{where}: {problem}: {told}{more}"


def _difference(item: Committed, body: bytes | None, sent: Sent) -> str:
    """Say how a record differs from what was sent; empty if it does not."""
    if body is None:
        return "is in the lake, and the hub never had it"
    number = number_of(body)
    if number is None:
        return "is in the hub, and was never sent"
    expected = sent.reasons.get(number, "")
    if item.reason != expected:
        return f"is '{item.reason or 'good'}' in the lake, and was sent as '{expected or 'good'}'"
    held = body if expected else json.loads(body)
    # Parsed with the standard library: the service's own parser is what we judge.
    return "" if item.value == held else "holds something else in the lake than in the hub"

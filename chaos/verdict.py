"""The verdict: what the hub took, against what is in the lake and what is named as lost. Pure."""

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
    """A record of a committed file: a good event's value, or a bad one's bytes and its reason."""

    sequence_number: int
    value: Any
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerStanding:
    """What the ledger says of a place; `ended` where the hub was made anew since."""

    start: int = 0
    head: int = 0
    lost: tuple[SequenceRange, ...] = ()
    has_ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceAccount:
    """What became of the events of a place, or of all."""

    #: What the hub took.
    stored: int = 0
    #: What is in bronze.
    landed: int = 0
    #: What is in the quarantine.
    quarantined: int = 0
    #: What the ledger names as lost.
    lost: int = 0
    #: What went before anyone had seen its number: with its hub, or by retention.
    gone: int = 0
    #: Numbers that are committed more than once.
    duplicates: int = 0
    #: What is nowhere.
    missing: int = 0
    #: What is not as it was sent.
    wrong: int = 0
    #: Each of these, in words.
    problems: tuple[str, ...] = ()

    @property
    def conservation_error(self) -> int:
        """By how many events the hub's count and what is accounted for differ."""
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
    """The account of all places, and what else must hold."""

    #: Of all places together.
    account: PlaceAccount
    #: What the hub took more than once.
    stored_again: int
    #: What the sender knows to be in the hub.
    acknowledged: int
    #: What of that the hub does not have.
    unknown_to_hub: int
    #: The audit's last line.
    audit: str
    #: Whether all holds for it.
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
    """Hold a place's committed records against the bodies that the hub stored there.

    `taken_below` is up to where retention has come; only what it took, or what went with its hub,
    may be lost.
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
        """Say each problem, with the numbers that have it."""
        where = f"making {self._place.making}, partition {self._place.partition_id}"
        for problem, numbers in self._problems.items():
            ranges = consecutive_ranges(sorted({*numbers}))
            told = ", ".join(f"{part.first}-{part.last}" for part in ranges[:MOST_RANGES])
            more = " ..." if len(ranges) > MOST_RANGES else ""
            yield f"{where}: {problem}: {told}{more}"


def _difference(item: Committed, body: bytes | None, sent: Sent) -> str:
    """Say how a record differs from what was sent; nothing where it does not."""
    if body is None:
        return "is in the lake, and the hub never had it"
    number = number_of(body)
    if number is None:
        return "is in the hub, and was never sent"
    expected = sent.reasons.get(number, "")
    if item.reason != expected:
        return f"is '{item.reason or 'good'}' in the lake, and was sent as '{expected or 'good'}'"
    held = body if expected else json.loads(body)
    # Read by the standard, not by the service, whose reading is what is judged.
    return "" if item.value == held else "holds something else in the lake than in the hub"

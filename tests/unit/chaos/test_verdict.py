import json
from dataclasses import replace

import pytest

from chaos.sent import Sent, event_id, number_of
from chaos.verdict import Committed, HubPlace, LedgerStanding, PlaceAccount, judge
from shared.hub.sequence_range import SequenceRange

PLACE = HubPlace(making=0, partition_id="1")
BAD = 3
SENT = Sent(count=6, reasons={BAD: "invalid_json"})


def body(number: int) -> bytes:
    return b'{"event_id":"%s","n":%d' % (event_id(1, number).encode(), number) + (
        b"" if number in SENT.reasons else b"}"
    )


STORED = {number: body(number) for number in range(6)}


def record(number: int) -> Committed:
    if number in SENT.reasons:
        reason = SENT.reasons[number]
        return Committed(sequence_number=number, value=body(number), reason=reason)
    return Committed(sequence_number=number, value=json.loads(body(number)))


ALL = [record(number) for number in STORED]


def verdict(
    committed: list[Committed] = ALL, standing: LedgerStanding | None = None, taken_below: int = 0
) -> PlaceAccount:
    return judge(PLACE, STORED, committed, standing or LedgerStanding(head=6), taken_below, SENT)


def lost(first: int, last: int) -> LedgerStanding:
    return LedgerStanding(head=6, lost=(SequenceRange(first=first, last=last),))


def test_an_event_carries_its_number_in_whatever_body() -> None:
    assert [number_of(body(number)) for number in range(6)] == list(range(6))
    assert number_of(b"something else") is None


def test_all_that_landed_once_holds() -> None:
    assert verdict() == PlaceAccount(stored=6, landed=5, quarantined=1)


def test_a_planted_duplicate_is_found() -> None:
    found = verdict([*ALL, ALL[2]])

    assert found.duplicates == 1
    assert found.problems == ("making 0, partition 1: is in the lake twice: 2-2",)


def test_a_planted_hole_is_found() -> None:
    found = verdict(ALL[:4] + ALL[5:])

    assert (found.missing, found.conservation_error) == (1, 1)
    assert found.problems == ("making 0, partition 1: is missing: 4-4",)


@pytest.mark.parametrize(
    ("number", "value"),
    [(BAD, body(BAD)[:-1] + b"0"), (2, {"event_id": event_id(1, 2), "n": 20}), (2, ALL[4].value)],
)
def test_a_planted_wrong_byte_is_found(number: int, value: object) -> None:
    spoiled = [
        replace(item, value=value) if item.sequence_number == number else item for item in ALL
    ]

    found = verdict(spoiled)

    assert found.wrong == 1
    told = "holds something else in the lake than in the hub"
    assert found.problems == (f"making 0, partition 1: {told}: {number}-{number}",)


def test_a_bad_event_among_the_good_ones_and_a_wrong_reason_are_found() -> None:
    as_good = replace(ALL[BAD], value={"n": 3}, reason="")
    otherwise = replace(ALL[BAD], reason="empty_body")

    assert verdict([as_good, *ALL[:3], *ALL[4:]]).wrong == 1
    assert verdict([otherwise, *ALL[:3], *ALL[4:]]).wrong == 1


def test_an_event_that_the_hub_never_had_is_found() -> None:
    found = verdict([*ALL, replace(ALL[0], sequence_number=6)])

    assert found.wrong == 1
    assert found.conservation_error == 1


def test_what_retention_took_is_lost_and_nothing_else_may_be() -> None:
    taken = verdict(ALL[2:], lost(0, 1), taken_below=2)
    not_taken = verdict(ALL[2:], lost(0, 1), taken_below=1)

    assert (taken.lost, taken.missing, taken.conservation_error) == (2, 0, 0)
    assert (not_taken.lost, not_taken.missing) == (1, 1)
    assert not_taken.problems[0].endswith("is named as lost without a cause: 1-1")


def test_what_retention_took_and_nobody_names_is_missing() -> None:
    found = verdict(ALL[2:], taken_below=2)

    assert (found.missing, found.gone) == (2, 0)


def test_what_landed_is_not_to_be_named_as_lost() -> None:
    assert verdict(ALL, lost(0, 0), taken_below=2).wrong == 1


def test_what_went_with_its_hub_above_the_head_is_gone() -> None:
    found = verdict(ALL[:4], LedgerStanding(head=4, has_ended=True))

    assert (found.gone, found.missing, found.conservation_error) == (2, 0, 0)


def test_the_accounts_of_places_add_up() -> None:
    total = verdict() + verdict([*ALL, ALL[2]])

    assert (total.stored, total.landed, total.duplicates) == (12, 10, 1)
    assert len(total.problems) == 1

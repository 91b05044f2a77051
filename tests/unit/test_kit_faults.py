"""What the emulators' faults have in common."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from local.kit.faults import FLAG, SECONDS, TEXT, Faults, FaultSchema, Kind

SCHEMA = FaultSchema(
    kinds={
        "delay": Kind(needs=frozenset(("seconds",)), takes=frozenset(("path",))),
        "cut": Kind(takes=frozenset(("path", "twice"))),
    },
    fields={"path": TEXT, "seconds": SECONDS, "twice": FLAG},
)


@dataclass(frozen=True, kw_only=True)
class Fault:
    kind: str
    path: str | None = None
    count: int = 1
    hidden: object = field(default=None, repr=False)


def take(faults: Faults[Fault], kind: str) -> Fault | None:
    return faults.take(lambda fault: fault.kind == kind)


def test_a_fault_is_read_with_the_fields_that_are_given() -> None:
    given = SCHEMA.read({"kind": "delay", "seconds": 0.5, "path": "/x", "count": 2})

    assert given == {"kind": "delay", "seconds": 0.5, "path": "/x", "count": 2}


def test_a_field_that_is_null_counts_as_left_out() -> None:
    assert SCHEMA.read({"kind": "cut", "path": None, "seconds": None}) == {"kind": "cut"}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "unknown kind None; known are delay, cut"),
        ({"kind": "earthquake"}, "unknown kind 'earthquake'"),
        ({"kind": ["cut"]}, "unknown kind"),
        ({"kind": "cut", "tims": 1}, "unknown field 'tims'; known are count, kind, path"),
        ({"kind": "cut", "count": 0}, "'count' has to be a whole number from 1"),
        ({"kind": "cut", "count": True}, "'count'"),
        ({"kind": "cut", "count": 1.5}, "'count'"),
        ({"kind": "cut", "path": 1}, "'path' has to be a string"),
        ({"kind": "cut", "twice": 1}, "'twice' has to be true or false"),
        ({"kind": "cut", "seconds": 1}, "'seconds' has to be left out for cut"),
        ({"kind": "delay"}, "'seconds' has to be given for delay"),
        ({"kind": "delay", "seconds": 0}, "'seconds' has to be given for delay"),
        ({"kind": "delay", "seconds": "1"}, "'seconds' has to be a number"),
        ({"kind": "delay", "seconds": True}, "'seconds' has to be a number"),
        ({"kind": "delay", "seconds": float("nan")}, "'seconds' has to be a number"),
        ({"kind": "delay", "seconds": 86_400}, "below a day"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_with_the_reason(
    body: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        SCHEMA.read(body)


def test_a_fault_fires_as_often_as_it_counts() -> None:
    faults = Faults[Fault]()
    faults.add(Fault(kind="cut", count=2))

    taken = [take(faults, "cut") is not None for _ in range(3)]

    assert taken == [True, True, False]


def test_the_oldest_fault_that_matches_fires() -> None:
    faults = Faults[Fault]()
    for kind, path in (("delay", "/a"), ("cut", "/b"), ("cut", "/c")):
        faults.add(Fault(kind=kind, path=path))

    first, second, third = (take(faults, "cut") for _ in range(3))

    assert first == Fault(kind="cut", path="/b")
    assert second == Fault(kind="cut", path="/c")
    assert third is None


def test_faults_are_described_with_how_often_they_fired_but_for_what_their_repr_leaves_out() -> (
    None
):
    faults = Faults[Fault]()
    faults.add(Fault(kind="cut", count=3, hidden=object()))
    take(faults, "cut")

    described = faults.describe()

    assert described == [
        {"id": 1, "kind": "cut", "path": None, "count": 3, "fired": 1, "remaining": 2}
    ]


def test_cleared_faults_are_gone_and_their_numbers_are_not_given_again() -> None:
    faults = Faults[Fault]()
    faults.add(Fault(kind="cut"))

    faults.clear()

    assert faults.describe() == []
    assert faults.add(Fault(kind="cut")).number == 2

from collections.abc import Callable
from contextlib import suppress
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.audit.problems import Kind
from shared.errors import DependencyUnavailableError
from shared.landing.path import parse_landing_path
from tests.builders import a_contract, a_range, contracts
from tests.examples import examples
from tests.unit.ops.audit.audit_world import numbers
from tests.unit.ops.quarantine.redrive_world import (
    Killed,
    Redriving,
    killing_at,
    passing,
    reasons,
    sums,
)

ODD = [1, 3, 5, 7, 9, 11]
ALL = passing(ODD)
NUMBERS = st.frozensets(st.sampled_from(ODD))
DISTURBANCES = st.sampled_from(["none", "twice", "other", "sweep", "lost reply", "land"])
KILLS = st.integers(0, 7)
COMMITS = st.integers(1, 4)


@pytest.fixture
def world() -> Redriving:
    made = Redriving()
    made.quarantine(0, 5)
    made.quarantine(6, 11)
    return made


def test_what_passes_by_now_lands_once_under_its_own_identity(world: Redriving) -> None:
    done = world.redrive(ALL)

    (redrive,) = [batch for batch in world.ledger.batches if batch.is_redrive]
    (file,) = redrive.files
    path = parse_landing_path(file.path)
    assert done.landed == {("simple/1", ""): 6}
    assert (world.redriven(), world.kept()) == (ODD, [])
    assert sums(world) == (12, 0)
    assert path is not None
    assert (path.contract, path.range) == (next(iter(ALL)).id, a_range(1, 11))
    assert redrive.batch_id == "hub/p000/1-11/redrive-2"
    assert world.audit().problems == ()


def test_a_redrive_that_is_repeated_changes_nothing(world: Redriving) -> None:
    world.redrive(ALL)
    before = (dict(world.lake.files), dict(world.ledger.heads))

    again = world.redrive(ALL)

    assert (again.landed, again.kept) == ({}, {})
    assert (world.lake.files, world.ledger.heads) == before


def test_what_still_fails_stays_with_its_new_reason(world: Redriving) -> None:
    done = world.redrive(passing([1, 3], otherwise="unknown_symbol"), within=a_range(0, 7))

    assert done.landed == {("simple/1", ""): 2}
    assert done.kept == {("simple/1", "unknown_symbol"): 2}
    assert world.kept() == [
        (5, "unknown_symbol"),
        (7, "unknown_symbol"),
        (9, "rule_pattern"),
        (11, "rule_pattern"),
    ]
    assert reasons(world) == {"rule_pattern": 2, "unknown_symbol": 2}
    assert sums(world) == (8, 4)
    assert world.audit().problems == ()


def test_what_fails_as_before_costs_no_commit(world: Redriving) -> None:
    before = world.generations

    done = world.redrive(passing(()))

    assert (done.kept, done.changed) == ({("simple/1", "rule_pattern"): 6}, 0)
    assert world.generations == before


def test_a_reason_that_comes_and_goes_is_a_new_file_each_time(world: Redriving) -> None:
    for _ in range(3):
        world.redrive(passing((), otherwise="unknown_symbol"))
        world.redrive(passing(()))

    assert [reason for _, reason in world.kept()] == ["rule_pattern"] * 6
    assert world.audit().problems == ()


def test_an_event_of_a_contract_that_is_known_by_now_lands_under_it() -> None:
    world = Redriving()
    world.hold_to(contracts(a_contract(name="another"), default="another"))
    world.quarantine(0, 3)
    world.hold_to(contracts(a_contract(name="x"), default=None))
    world.quarantine(4, 5)

    world.redrive(passing(()), reason="unknown_contract")

    assert world.generations[0].counts["simple/1"].landed == 1
    assert reasons(world)["unknown_contract"] == 0
    assert world.audit().problems == ()


def test_a_newer_version_of_the_contract_takes_what_asked_for_the_newest(world: Redriving) -> None:
    newer = contracts(*passing(()), *passing(ODD, version=2))

    world.redrive(newer)

    assert {name: c.landed for name, c in world.generations[0].counts.items()} == {
        "simple/1": 6,
        "simple/2": 6,
    }
    assert world.audit().problems == ()


def test_a_selection_is_redriven_and_the_rest_is_not(world: Redriving) -> None:
    world.redrive(ALL, within=a_range(3, 7))

    assert (world.redriven(), [n for n, _ in world.kept()]) == ([3, 5, 7], [1, 9, 11])


def test_events_of_an_ended_generation_land_in_it(world: Redriving) -> None:
    world.quarantine(0, 3, later=1000)

    world.redrive(ALL)

    assert [known.total.landed for known in world.generations] == [12, 4]
    assert world.redriven() == sorted([*ODD, 1, 3])
    assert world.audit().problems == ()


def test_transform_gives_what_was_redriven_to_a_window_once(world: Redriving) -> None:
    world.transform(files=1)
    world.redrive(ALL)
    world.transform(files=1)
    world.transform(files=1)

    assert len(world.manifests()) == 3
    assert world.audit().problems == ()


def test_big_selections_are_committed_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.quarantine.redrive.MOST_EVENTS", 4)
    world = Redriving()
    world.quarantine(0, 19)

    world.redrive(passing(range(20)))

    assert world.redrives() == 3
    assert sums(world) == (20, 0)
    assert world.audit().problems == ()


def test_a_partition_that_never_rests_is_told(world: Redriving) -> None:
    world.ledger.before = lambda: keep_landing(world)

    with pytest.raises(DependencyUnavailableError, match="run it again"):
        world.redrive(ALL)

    assert world.redriven() == []


def test_a_sweep_between_files_and_commit_removes_none_of_them(world: Redriving) -> None:
    swept: list[str] = []
    world.ledger.before = lambda: swept.extend(world.sweep())

    world.redrive(ALL)

    assert swept == []
    assert world.audit().problems == ()


def test_a_redrive_whose_reply_is_lost_knows_its_own_commit(world: Redriving) -> None:
    world.ledger.lost_replies = 2

    done = world.redrive(ALL)

    assert (done.landed.total(), done.overtaken) == (6, 0)
    assert world.redriven() == ODD


def test_of_two_at_once_the_slower_lands_what_the_other_left(world: Redriving) -> None:
    once = undisturbed(world, lambda: world.redrive(passing([1, 3]), within=a_range(0, 5)), at=2)
    world.ledger.before = once

    done = world.redrive(ALL)
    world.sweep()

    assert (done.landed.total(), done.overtaken) == (3, 3)
    assert (world.redriven(), world.kept()) == ([1, 3, 7, 9, 11], [(5, "rule_pattern")])
    assert world.generations[0].redriving == ()
    assert world.audit().problems == ()


@settings(max_examples=examples(60))
@given(steps=st.lists(st.tuples(NUMBERS, NUMBERS, DISTURBANCES, COMMITS, KILLS), max_size=5))
def test_whatever_disturbs_redrives_each_number_lands_at_most_once(
    steps: list[tuple[frozenset[int], frozenset[int], str, int, int]],
) -> None:
    world = Redriving()
    world.quarantine(0, 5)
    world.quarantine(6, 11)

    for mended, others, disturbance, commit, kill in steps:
        disturb(world, others, disturbance, at=commit, kill=kill)
        with suppress(Killed):
            world.redrive(passing(mended))
        world.undisturb()
        assert world.audit().problems == ()
        assert len(world.redriven()) == len(set(world.redriven()))
    world.redrive(passing(ODD[:3]))
    world.sweep()

    audit = world.audit()
    assert audit.problems == ()
    assert set(world.redriven()) >= set(ODD[:3])
    assert sorted([*world.redriven(), *(n for n, _ in world.kept(within=a_range(0, 11)))]) == ODD
    assert sum(sums(world)) == world.generations[0].head


@settings(max_examples=examples(40))
@given(mended=NUMBERS, others=NUMBERS, kill=st.integers(1, 7))
def test_one_that_was_killed_is_finished_by_the_next(
    mended: frozenset[int], others: frozenset[int], kill: int
) -> None:
    world = Redriving()
    world.quarantine(0, 11)
    world.lake.after = world.ledger.after = killing_at(kill)
    with suppress(Killed):
        world.redrive(passing(mended))
    world.undisturb()
    world.sweep()

    world.redrive(passing(mended))
    world.redrive(passing(others))

    assert world.redriven() == sorted({*mended, *others})
    assert world.generations[0].redriving == ()
    assert world.audit().problems == ()
    assert world.sweep() == []


def test_a_number_that_is_redriven_twice_is_a_problem_of_the_audit(world: Redriving) -> None:
    world.redrive(ALL, within=a_range(1, 3))
    forgotten = world.ledger.batches.pop()
    world.redrive(ALL, within=a_range(1, 5))
    world.ledger.batches.append(forgotten)

    audit = world.audit()

    assert numbers(audit, Kind.REDRIVEN_TWICE) == [(1, 1), (3, 3)]


def test_a_number_that_landed_at_once_and_is_redriven_is_a_problem_of_the_audit(
    world: Redriving,
) -> None:
    world.redrive(ALL, within=a_range(1, 3))
    world.rewrite(2, "simple/1", lambda records: set_number(records[0], 2))

    audit = world.audit()

    assert numbers(audit, Kind.REDRIVEN_UNQUARANTINED) == [(2, 2)]


def disturb(
    world: Redriving, others: frozenset[int], disturbance: str, *, at: int, kill: int
) -> None:
    """Let something happen before a commit, and kill at a step."""
    acts: dict[str, Callable[[], object]] = {
        "none": lambda: None,
        "twice": lambda: world.redrive(passing(others)),
        "other": lambda: world.redrive(passing(others), within=a_range(0, 5)),
        "sweep": world.sweep,
        "lost reply": lambda: setattr(world.ledger, "lost_replies", 1),
        "land": lambda: world.quarantine(*beside(world)),
    }
    if kill:
        world.ledger.after = world.lake.after = killing_at(kill)
    world.ledger.before = undisturbed(world, acts[disturbance], at)


def undisturbed(world: Redriving, act: Callable[[], object], at: int) -> Callable[[], None]:
    """Do something the so manieth time that this is called, and let nothing happen meanwhile."""
    calls = count(1)

    def do() -> None:
        if next(calls) == at:
            hooks = world.ledger.before, world.ledger.after, world.lake.after
            world.undisturb()
            act()
            world.ledger.before, world.ledger.after, world.lake.after = hooks

    return do


def beside(world: Redriving) -> tuple[int, int]:
    """Numbers that `ingest` may land meanwhile."""
    head = world.generations[-1].head
    return head, head + 1


def keep_landing(world: Redriving) -> None:
    before, world.ledger.before = world.ledger.before, lambda: None
    world.quarantine(*beside(world))
    world.ledger.before = before


def set_number(record: dict[str, dict[str, int]], number: int) -> None:
    record["_landfall"]["sequence_number"] = number

import pytest

from chaos.occurrences import Effect, Occurrence, Sample, effect_of
from chaos.report import Run, lines
from chaos.verdict import PlaceAccount, Verdict

KILLED = Occurrence(kind="host killed at planned", began=1.2, ended=1.2)


def sample(at: float, committed: int, missing: int = 0, lost: int = 0) -> Sample:
    return Sample(at=at, committed=committed, redelivered=committed, missing=missing, lost=lost)


SAMPLES = [sample(1, 10), sample(2, 10, missing=5), sample(3, 40, lost=2), sample(4, 90)]


def verdict(
    account: PlaceAccount, *, is_audit_clean: bool = True, unknown_to_hub: int = 0
) -> Verdict:
    return Verdict(
        account=account,
        stored_again=0,
        acknowledged=10,
        unknown_to_hub=unknown_to_hub,
        audit="all holds",
        is_audit_clean=is_audit_clean,
        orphans=0,
    )


def run(found: Verdict, *, is_quiet: bool = True) -> Run:
    return Run(
        seed=7,
        seconds=60,
        hosts=2,
        kills=1,
        ended_by_themselves=0,
        is_quiet=is_quiet,
        occurrences=[KILLED],
        samples=SAMPLES,
        sent=10,
        verdict=found,
    )


GOOD = PlaceAccount(stored=10, landed=10)


def test_a_fault_is_over_with_the_first_commit_after_it() -> None:
    assert effect_of(KILLED, SAMPLES) == Effect(
        events=30, redelivered=30, missing=5, lost=2, recovered_seconds=pytest.approx(1.8)
    )


def test_a_fault_after_which_nothing_came_has_no_recovery() -> None:
    late = Occurrence(kind="hub killed", began=9, ended=9)

    assert effect_of(late, SAMPLES).recovered_seconds is None


def test_a_run_in_which_all_adds_up_holds_and_its_last_line_says_so() -> None:
    told = list(lines(run(verdict(GOOD))))

    assert run(verdict(GOOD)).holds
    assert told[-1].startswith("chaos seed 7: holds: 1 kills, 1 kinds of faults, 2 hosts, 10 ev")


@pytest.mark.parametrize(
    "failed",
    [
        run(verdict(PlaceAccount(stored=10, landed=10, duplicates=1))),
        run(verdict(PlaceAccount(stored=10, landed=9, missing=1))),
        run(verdict(PlaceAccount(stored=10, landed=10, wrong=1))),
        run(verdict(PlaceAccount(stored=10, landed=9))),
        run(verdict(GOOD, is_audit_clean=False)),
        run(verdict(GOOD, unknown_to_hub=1)),
        run(verdict(GOOD), is_quiet=False),
    ],
)
def test_a_run_in_which_anything_does_not_add_up_does_not_hold(failed: Run) -> None:
    told = list(lines(failed))

    assert not failed.holds
    assert "DOES NOT HOLD" in told[-1]

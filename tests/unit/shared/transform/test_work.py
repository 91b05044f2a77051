from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shared.transform.work import (
    MOST_ATTEMPTS,
    RunFigures,
    RunOutcome,
    SubmittedRun,
    Work,
    WorkState,
    after_failure,
    after_submit,
    after_success,
    given_up,
    refused,
    retried,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BACKOFF = timedelta(seconds=30)
BROKEN = RunOutcome(ended_at=NOW, error="broken")
NO_CLUSTER = RunOutcome(ended_at=NOW, error="no capacity", is_interruption=True)
WORK = Work(
    kind="window",
    work_id="w-1",
    contract="telemetry/1",
    path="_landfall/windows/w-1.json",
    source="w-1",
    created_at=NOW,
)


def test_a_repeated_submit_has_the_same_token_and_a_new_attempt_another() -> None:
    again = after_failure(WORK, BROKEN, NOW, BACKOFF)

    assert WORK.idempotency_token == "w-1"
    assert again.idempotency_token == "w-1-2"


def test_a_failed_run_is_tried_again_after_twice_as_long_each_time() -> None:
    first = after_failure(WORK, BROKEN, NOW, BACKOFF)
    second = after_failure(first, BROKEN, NOW, BACKOFF)

    assert (first.state, first.error) == (WorkState.PLANNED, "broken")
    assert (first.not_before, second.not_before) == (
        NOW + timedelta(seconds=30),
        NOW + timedelta(seconds=60),
    )
    assert not first.may_be_submitted(NOW)
    assert first.may_be_submitted(NOW + timedelta(seconds=30))


def test_the_last_failed_attempt_is_final_with_its_error() -> None:
    last = after_failure(replace(WORK, attempt=MOST_ATTEMPTS), BROKEN, NOW, BACKOFF)

    assert (last.state, last.error, last.ended_at) == (WorkState.FAILED, "broken", NOW)
    assert last.is_final


def test_a_run_that_succeeds_has_its_figures_and_forgets_earlier_errors() -> None:
    submitted = after_submit(
        after_failure(WORK, BROKEN, NOW, BACKOFF), SubmittedRun(run_id=7, url="http://run"), NOW
    )

    done = after_success(submitted, RunOutcome(ended_at=NOW), RunFigures(rows_in=3))

    assert (done.state, done.run_id, done.error) == (WorkState.SUCCEEDED, 7, None)
    assert done.figures.rows_in == 3


def test_a_run_that_the_platform_ended_costs_no_attempt_and_is_another_run_next_time() -> None:
    again = after_failure(WORK, NO_CLUSTER, NOW, BACKOFF)

    assert (again.state, again.attempt, again.error) == (WorkState.PLANNED, 1, "no capacity")
    assert (again.idempotency_token, again.not_before) == ("w-1-2", NOW + BACKOFF)


def test_interruptions_back_off_to_half_an_hour_and_never_end_the_work() -> None:
    waits = []
    work = WORK

    for _ in range(100):
        work = after_failure(work, NO_CLUSTER, NOW, BACKOFF)
        waits.append(work.not_before - NOW)

    assert waits[:3] == [BACKOFF, 2 * BACKOFF, 4 * BACKOFF]
    assert (waits[-1], work.state) == (timedelta(minutes=30), WorkState.PLANNED)
    assert work.idempotency_token == "w-1-101"


def test_an_interruption_between_failures_keeps_the_attempts_that_were_made() -> None:
    failed = after_failure(WORK, BROKEN, NOW, BACKOFF)
    interrupted = after_failure(failed, NO_CLUSTER, NOW, BACKOFF)

    assert (interrupted.attempt, interrupted.idempotency_token) == (2, "w-1-3")


def test_work_that_a_person_retries_has_all_of_its_attempts_again() -> None:
    failed = after_failure(replace(WORK, attempt=MOST_ATTEMPTS, submission=9), BROKEN, NOW, BACKOFF)

    again = retried(failed, NOW)

    assert failed.waits_for_person
    assert (again.state, again.attempt, again.error) == (WorkState.PLANNED, 1, None)
    assert (again.idempotency_token, again.may_be_submitted(NOW)) == ("w-1-10", True)


def test_work_that_a_person_gives_up_is_final_and_keeps_its_error() -> None:
    failed = after_failure(replace(WORK, attempt=MOST_ATTEMPTS), BROKEN, NOW, BACKOFF)

    done = given_up(failed, NOW)

    assert (done.state, done.is_final, done.waits_for_person) == (WorkState.GIVEN_UP, True, False)
    assert done.error == "broken"


def test_a_file_that_was_refused_before_a_run_waits_for_nobody() -> None:
    unusable = refused(replace(WORK, kind="upload"), "no such contract", NOW)
    ran = refused(replace(WORK, kind="upload", run_id=7), "broken", NOW)

    assert (unusable.waits_for_person, ran.waits_for_person) == (False, True)

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
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BACKOFF = timedelta(seconds=30)
WORK = Work(
    kind="window",
    work_id="w-1",
    contract="telemetry/1",
    path="_landfall/windows/w-1.json",
    source="w-1",
    created_at=NOW,
)


def test_a_repeated_submit_has_the_same_token_and_a_new_attempt_another() -> None:
    again = after_failure(WORK, "broken", NOW, BACKOFF)

    assert WORK.idempotency_token == "w-1"
    assert again.idempotency_token == "w-1-2"


def test_a_failed_run_is_tried_again_after_twice_as_long_each_time() -> None:
    first = after_failure(WORK, "broken", NOW, BACKOFF)
    second = after_failure(first, "broken", NOW, BACKOFF)

    assert (first.state, first.error) == (WorkState.PLANNED, "broken")
    assert (first.not_before, second.not_before) == (
        NOW + timedelta(seconds=30),
        NOW + timedelta(seconds=60),
    )
    assert not first.may_be_submitted(NOW)
    assert first.may_be_submitted(NOW + timedelta(seconds=30))


def test_the_last_failed_attempt_is_final_with_its_error() -> None:
    last = after_failure(replace(WORK, attempt=MOST_ATTEMPTS), "broken", NOW, BACKOFF)

    assert (last.state, last.error, last.ended_at) == (WorkState.FAILED, "broken", NOW)
    assert last.is_final


def test_a_run_that_succeeds_has_its_figures_and_forgets_earlier_errors() -> None:
    submitted = after_submit(
        after_failure(WORK, "broken", NOW, BACKOFF), SubmittedRun(run_id=7, url="http://run"), NOW
    )

    done = after_success(submitted, RunOutcome(ended_at=NOW), RunFigures(rows_in=3))

    assert (done.state, done.run_id, done.error) == (WorkState.SUCCEEDED, 7, None)
    assert done.figures.rows_in == 3

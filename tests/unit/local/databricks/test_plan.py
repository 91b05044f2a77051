"""What a run of the Databricks runner does next."""

from dataclasses import replace

from local.databricks.ending import (
    CANCELED,
    SCRIPT_FAILED,
    SUCCEEDED,
    UPSTREAM_CANCELED,
    UPSTREAM_FAILED,
    Ending,
    driver_lost,
    timed_out,
)
from local.databricks.plan import Finish, Retry, Skip, Start, next_step
from local.databricks.run import Attempt, Run
from local.databricks.run_record import read_run, write_run
from local.databricks.task import read_tasks


def a_run(*keys: str, **task: object) -> Run:
    """A run of tasks in a chain, each depending on the one before."""
    chain = [
        {
            "task_key": key,
            "spark_python_task": {"python_file": f"/{key}.py"},
            "depends_on": [{"task_key": before}] if before else [],
            **task,
        }
        for before, key in zip(("", *keys), keys, strict=False)
    ]
    settings = {"tasks": chain}
    return Run(
        run_id=1,
        job_id=2,
        run_type="SUBMIT_RUN",
        name="a run",
        settings=settings,
        tasks=read_tasks(settings),
        attempts=tuple(Attempt(run_id=10 + n, task_key=key) for n, key in enumerate(keys)),
        started_at=1000,
    )


def ended(run: Run, key: str, ending: Ending) -> Run:
    attempt = replace(run.latest(key), started_at=2000)
    return run.with_attempt(attempt.ended(ending, 3000))


def test_a_run_starts_with_the_task_that_depends_on_nothing():
    run = a_run("silver", "gold")

    assert next_step(run) == Start(attempt=run.latest("silver"))


def test_tasks_are_ordered_by_what_they_depend_on():
    first, second = a_run("silver", "gold").settings["tasks"]

    tasks = read_tasks({"tasks": [second, first]})

    assert [task.key for task in tasks] == ["silver", "gold"]


def test_a_task_starts_when_the_one_before_has_succeeded():
    run = ended(a_run("silver", "gold"), "silver", SUCCEEDED)

    assert next_step(run) == Start(attempt=run.latest("gold"))


def test_a_run_succeeds_when_all_its_tasks_have():
    run = ended(a_run("silver"), "silver", SUCCEEDED)

    assert next_step(run) == Finish(ending=SUCCEEDED)


def test_what_depends_on_a_failure_is_skipped():
    run = ended(a_run("silver", "gold"), "silver", SCRIPT_FAILED)

    assert next_step(run) == Skip(attempt=run.latest("gold"), ending=UPSTREAM_FAILED)


def test_a_run_fails_for_its_first_failures_reason():
    run = ended(a_run("silver", "gold"), "silver", SCRIPT_FAILED)
    run = ended(run, "gold", UPSTREAM_FAILED)

    step = next_step(run)

    assert isinstance(step, Finish)
    assert (step.ending.result_state, step.ending.code) == ("FAILED", "RUN_EXECUTION_ERROR")
    assert step.ending.message == (
        "Task silver failed with message: Workload failed, see run output for details."
        " This caused all downstream tasks to get skipped."
    )


def test_a_lost_driver_makes_the_run_an_internal_error():
    run = ended(a_run("silver"), "silver", driver_lost("it ended"))

    step = next_step(run)

    assert isinstance(step, Finish)
    assert step.ending.life_cycle_state == "INTERNAL_ERROR"


def test_a_failed_task_is_tried_again_after_its_interval():
    run = a_run("silver", max_retries=1, min_retry_interval_millis=500)
    run = ended(run, "silver", SCRIPT_FAILED)

    assert next_step(run) == Retry(attempt=run.latest("silver"), not_before=2500)


def test_a_lost_attempt_is_tried_again_too():
    run = ended(a_run("silver", max_retries=1), "silver", driver_lost("it ended"))

    assert isinstance(next_step(run), Retry)


def test_retries_without_an_end_go_on():
    run = a_run("silver", max_retries=-1)
    run = run.with_attempt(replace(run.latest("silver"), number=99))

    assert isinstance(next_step(ended(run, "silver", SCRIPT_FAILED)), Retry)


def test_a_timeout_is_tried_again_only_where_that_is_asked_for():
    patient = ended(a_run("silver", max_retries=1, retry_on_timeout=True), "silver", timed_out(1))
    hasty = ended(a_run("silver", max_retries=1), "silver", timed_out(1))

    assert isinstance(next_step(patient), Retry)
    assert isinstance(next_step(hasty), Finish)


def test_a_run_that_is_stopped_starts_nothing_more():
    run = replace(ended(a_run("silver", "gold"), "silver", SUCCEEDED), stopping=CANCELED)

    assert next_step(run) == Skip(attempt=run.latest("gold"), ending=CANCELED)
    assert next_step(ended(run, "gold", CANCELED)) == Finish(ending=CANCELED)


def test_a_run_that_is_stopped_is_not_tried_again():
    run = replace(a_run("silver", max_retries=5), stopping=CANCELED)

    assert next_step(ended(run, "silver", SCRIPT_FAILED)) == Finish(ending=CANCELED)


def test_what_depends_on_a_canceled_task_says_so():
    run = ended(a_run("silver", "gold"), "silver", CANCELED)

    assert next_step(run) == Skip(attempt=run.latest("gold"), ending=UPSTREAM_CANCELED)


def test_a_run_reads_as_it_was_written():
    run = replace(ended(a_run("silver", "gold"), "silver", SUCCEEDED), stopping=CANCELED)

    assert read_run(write_run(run)) == run

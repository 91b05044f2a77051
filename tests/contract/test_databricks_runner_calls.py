"""What the Databricks runner keeps, lists and refuses, through the real SDK."""

import pytest
from databricks.sdk.errors import (
    BadRequest,
    InvalidParameterValue,
    PermissionDenied,
    ResourceDoesNotExist,
)
from databricks.sdk.service.jobs import (
    JobSettings,
    NotebookTask,
    QueueSettings,
    RunResultState,
    RunType,
    SparkPythonTask,
    SubmitTask,
    Task,
    TaskDependency,
)

from tests.contract.databricks_fixture import IGNORING_THE_SDKS_SOCKETS, TOKEN

pytestmark = IGNORING_THE_SDKS_SOCKETS

FOREVER = "import time\ntime.sleep(600)"


def job_task(databricks, text="", **settings):
    return Task.from_dict(databricks.task(text, **settings).as_dict())


def test_one_token_starts_one_run_however_it_ended(databricks):
    task = databricks.task("raise RuntimeError")
    first = databricks.submit(task, idempotency_token="window-1")
    databricks.ended(first)

    assert databricks.submit(task, idempotency_token="window-1") == first
    assert databricks.submit(task, idempotency_token="window-2") != first


def test_a_token_that_is_too_long_is_refused(databricks):
    assert databricks.submit(databricks.task(), idempotency_token="x" * 64)

    with pytest.raises(InvalidParameterValue, match="at most 64 characters"):
        databricks.submit(databricks.task(), idempotency_token="x" * 65)


def test_runs_are_listed_newest_first_page_by_page(databricks):
    submitted = [databricks.submit(databricks.task()) for _ in range(5)]
    databricks.ended(submitted[-1])
    jobs = databricks.client().jobs

    listed = [run.run_id for run in jobs.list_runs(limit=2)]
    expanded = list(jobs.list_runs(limit=2, expand_tasks=True))

    assert listed[:5] == submitted[::-1]
    assert listed == sorted(listed, reverse=True)
    assert [run.run_id for run in expanded] == listed
    assert all(run.tasks for run in expanded)


def test_runs_are_listed_by_what_they_are(databricks):
    jobs = databricks.client().jobs
    ended = databricks.run()
    active = databricks.submit(databricks.task(FOREVER))

    assert [run.run_id for run in jobs.list_runs(active_only=True)] == [active]
    assert active not in [run.run_id for run in jobs.list_runs(completed_only=True)]
    assert [run.run_id for run in jobs.list_runs(job_id=ended.job_id)] == [ended.run_id]
    assert ended.run_id not in [run.run_id for run in jobs.list_runs(run_type=RunType.JOB_RUN)]
    since = [run.run_id for run in jobs.list_runs(start_time_from=ended.start_time + 1)]
    assert ended.run_id not in since
    until = [run.run_id for run in jobs.list_runs(start_time_to=ended.start_time)]
    assert ended.run_id in until
    assert active not in until
    jobs.cancel_run(active)
    databricks.ended(active)


@pytest.mark.parametrize(
    "wanted",
    [
        {"limit": 26},
        {"page_token": "nonsense"},
        {"active_only": True, "completed_only": True},
    ],
)
def test_a_list_that_makes_no_sense_is_refused(databricks, wanted):
    with pytest.raises(InvalidParameterValue):
        list(databricks.client().jobs.list_runs(**wanted))


def test_a_task_run_is_described_as_a_run(databricks):
    run = databricks.run()

    task_run = databricks.client().jobs.get_run(run.tasks[0].run_id)

    assert (task_run.run_id, task_run.run_name) == (run.tasks[0].run_id, "main")
    assert task_run.state == run.tasks[0].state
    assert databricks.output(run).metadata.run_id == task_run.run_id


def test_the_output_of_a_whole_run_is_refused(databricks):
    run = databricks.run()

    with pytest.raises(InvalidParameterValue, match="each individual task run"):
        databricks.client().jobs.get_run_output(run.run_id)


def test_a_job_is_kept_changed_run_and_forgotten(databricks):
    jobs = databricks.client().jobs
    task = job_task(databricks, "import sys\nprint(sys.argv[1:])", parameters=["kept"])
    job_id = jobs.create(name="nightly", tasks=[task]).job_id

    jobs.update(job_id, new_settings=JobSettings(max_concurrent_runs=2))
    kept = databricks.ended(jobs.run_now(job_id).run_id)
    given = databricks.ended(jobs.run_now(job_id, python_params=["given"]).run_id)

    assert databricks.output(kept).logs == "['kept']\n"
    assert databricks.output(given).logs == "['given']\n"
    assert (kept.job_id, kept.run_type.value, kept.run_name) == (job_id, "JOB_RUN", "nightly")
    assert jobs.get(job_id).settings.max_concurrent_runs == 2
    assert [job.job_id for job in jobs.list(name="NIGHTLY")] == [job_id]
    jobs.reset(job_id, JobSettings(name="weekly", tasks=[task]))
    assert jobs.get(job_id).settings.max_concurrent_runs == 1
    jobs.delete(job_id)
    with pytest.raises(ResourceDoesNotExist, match=f"Job {job_id} does not exist"):
        jobs.get(job_id)


def test_a_job_skips_runs_beyond_its_maximum_unless_it_queues_them(databricks):
    jobs = databricks.client().jobs
    job_id = jobs.create(name="busy", tasks=[job_task(databricks, FOREVER)]).job_id
    active = jobs.run_now(job_id).run_id

    skipped = jobs.get_run(jobs.run_now(job_id).run_id)
    queued = jobs.get_run(jobs.run_now(job_id, queue=QueueSettings(enabled=True)).run_id)

    for run_id in (queued.run_id, active):
        jobs.cancel_run(run_id)
    assert skipped.state.life_cycle_state.value == "SKIPPED"
    assert skipped.state.result_state is RunResultState.MAXIMUM_CONCURRENT_RUNS_REACHED
    assert queued.state.life_cycle_state.value == "QUEUED"
    assert databricks.ended(active).state.result_state is RunResultState.CANCELED
    assert databricks.ended(queued.run_id).state.result_state is RunResultState.CANCELED


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"notebook_task": NotebookTask(notebook_path="/n")}, "does not do 'notebook_task'"),
        ({"existing_cluster_id": None}, "exactly one of"),
        ({"new_cluster": None, "job_cluster_key": "x"}, "exactly one of"),
        ({"environment_key": "x", "existing_cluster_id": None}, "unknown environment_key"),
        ({"task_key": "not a key"}, "Invalid task key"),
        ({"depends_on": [TaskDependency(task_key="x")]}, "unknown task: x"),
        ({"depends_on": [TaskDependency(task_key="main")]}, "circle"),
        ({"max_retries": -2}, "max_retries"),
        ({"spark_python_task": SparkPythonTask(python_file="dbfs:/x.py")}, "absolute path"),
        ({"spark_python_task": None}, "does not say what to run"),
    ],
)
def test_a_task_that_cannot_run_is_refused(databricks, change, reason):
    task = databricks.task().as_dict()
    changed = {name: _plain(value) for name, value in change.items()}
    body = {"tasks": [{**task, **changed}]}

    status, answer, _ = databricks.raw("POST", "/api/2.2/jobs/runs/submit", _without_none(body))

    assert status == 400
    assert reason in answer["message"]


def _plain(value):
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.as_dict() if hasattr(value, "as_dict") else value


def _without_none(body):
    tasks = [{k: v for k, v in task.items() if v is not None} for task in body["tasks"]]
    return {"tasks": tasks}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "MALFORMED_REQUEST"),
        ([1], "MALFORMED_REQUEST"),
        ({"tasks": []}, "INVALID_PARAMETER_VALUE"),
        ({"tasks": [1]}, "INVALID_PARAMETER_VALUE"),
        ({"tasks": [{"task_key": "a"}], "git_source": {"git_url": "x"}}, "FEATURE_DISABLED"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused_in_the_services_shape(databricks, body, code):
    status, answer, _ = databricks.raw("POST", "/api/2.2/jobs/runs/submit", body)

    assert (status, answer["error_code"]) == (400, code)
    assert set(answer) == {"error_code", "message", "details"}


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "/api/2.0/pipelines/p/updates"),
        ("GET", "/api/2.2/jobs/runs/export?run_id=1"),
        ("GET", "/api/2.1/clusters/list"),
        ("GET", "/.well-known/databricks-config"),
    ],
)
def test_other_calls_are_not_found(databricks, method, target):
    status, answer, _ = databricks.raw(method, target)

    assert (status, answer["error_code"]) == (404, "ENDPOINT_NOT_FOUND")


def test_a_run_that_never_was_does_not_exist(databricks):
    jobs = databricks.client().jobs

    with pytest.raises(ResourceDoesNotExist, match="Run 987654 does not exist"):
        jobs.get_run(987654)
    with pytest.raises(BadRequest, match="Run 987654 does not exist"):
        jobs.cancel_run(987654)


def test_the_token_is_asked_for(databricks):
    target = "/api/2.2/jobs/runs/list"

    assert databricks.raw("GET", target, token=None)[0] == 401
    assert databricks.raw("GET", target, token=TOKEN + "x")[0] == 403
    with pytest.raises(PermissionDenied, match="Invalid access token"):
        list(databricks.client(token="wrong").jobs.list_runs())


def test_tasks_have_keys_of_their_own(databricks):
    with pytest.raises(InvalidParameterValue, match="unique"):
        databricks.submit(databricks.task(), databricks.task())
    with pytest.raises(InvalidParameterValue, match="task_key"):
        databricks.submit(SubmitTask(task_key=None))

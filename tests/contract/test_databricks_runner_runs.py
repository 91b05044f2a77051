"""Runs of plain scripts through the real SDK: states, outputs, retries, order, what is refused."""

import os
import zipfile
from datetime import timedelta

import pytest
from databricks.sdk.errors import OperationFailed
from databricks.sdk.service.compute import Environment, Library
from databricks.sdk.service.jobs import (
    JobEnvironment,
    RunLifeCycleState,
    RunResultState,
    SparkPythonTask,
    TaskDependency,
)

from tests.contract.databricks_fixture import IGNORING_THE_SDKS_SOCKETS, are_gone
from tests.contract.emulator_process import eventually

pytestmark = IGNORING_THE_SDKS_SOCKETS

FOREVER = "import time\nprint('started', flush=True)\ntime.sleep(600)"


def result(run):
    return run.state.life_cycle_state.value, run.state.result_state.value


def test_the_sdks_waiter_sees_a_run_through(databricks):
    tasks = [databricks.task("print('hello')")]

    run = (
        databricks.client().jobs.submit(run_name="first", tasks=tasks).result(timedelta(seconds=20))
    )

    assert run.state.life_cycle_state is RunLifeCycleState.TERMINATED
    assert run.state.result_state is RunResultState.SUCCESS
    assert (run.run_name, run.run_type.value) == ("first", "SUBMIT_RUN")
    assert run.status.termination_details.code.value == "SUCCESS"
    assert run.start_time <= run.end_time


def test_the_sdks_waiter_raises_where_the_script_is_not_there(databricks):
    task = databricks.task()
    task.spark_python_task = SparkPythonTask(python_file="/nowhere/silver.py")

    with pytest.raises(OperationFailed, match="Cannot read the python file /nowhere/silver"):
        databricks.client().jobs.submit(tasks=[task]).result(timedelta(seconds=20))


def test_a_script_is_main_with_its_parameters(databricks):
    run = databricks.run("import sys\nprint(__name__, sys.argv[1:])", parameters=["--lake", "a b"])

    assert databricks.output(run).logs == "__main__ ['--lake', 'a b']\n"


def test_a_script_is_found_by_its_file_uri(databricks):
    task = databricks.task("print('found')")
    task.spark_python_task.python_file = f"file:{task.spark_python_task.python_file}"

    run = databricks.ended(databricks.submit(task))

    assert databricks.output(run).logs == "found\n"


def test_a_script_that_raises_fails_with_its_error_and_trace(databricks):
    run = databricks.run("print('before')\ndef f():\n    raise ValueError('no good')\nf()")

    output = databricks.output(run)
    assert result(run) == ("TERMINATED", "FAILED")
    assert "Workload failed" in run.state.state_message
    assert run.tasks[0].status.termination_details.code.value == "RUN_EXECUTION_ERROR"
    assert output.error == "ValueError: no good"
    assert output.error_trace.startswith("Traceback (most recent call last):\n  File ")
    assert "runpy" not in output.error_trace
    assert output.logs.startswith("before\n")


@pytest.mark.parametrize(("code", "expected"), [("", "SUCCESS"), ("0", "SUCCESS"), ("3", "FAILED")])
def test_an_exit_code_tells_success_from_failure(databricks, code, expected):
    run = databricks.run(f"import sys\nsys.exit({code})")

    assert run.state.result_state.value == expected


def test_a_driver_that_vanishes_is_an_internal_error(databricks):
    run = databricks.run("import os\nos.kill(os.getpid(), 9)")

    assert result(run) == ("INTERNAL_ERROR", "FAILED")
    assert "driver was lost" in run.state.state_message


def test_a_script_is_in_a_folder_of_its_own_that_is_removed(databricks):
    run = databricks.run("import os\nopen('left', 'w').close()\nprint(os.getcwd())")

    folder = databricks.output(run).logs.strip()
    assert folder.startswith(str(databricks.data))
    eventually(lambda: not os.path.exists(folder))  # noqa: PTH110 - a string of the script's


def test_a_script_reads_nothing_from_the_runners_pipe(databricks):
    run = databricks.run("import sys\nprint(repr(sys.stdin.read()))")

    assert databricks.output(run).logs == "''\n"


def test_the_log_keeps_its_end_where_it_is_too_long(databricks):
    run = databricks.run("print('first')\nprint('x' * 5 * 2**20)\nprint('last')")

    output = databricks.output(run)
    assert output.logs_truncated
    assert len(output.logs) == 5 * 2**20
    assert output.logs.endswith("x\nlast\n")


def test_the_page_of_a_run_shows_its_log(databricks):
    run = databricks.run("print('<shown>')")

    status, page, _ = databricks.raw(
        "GET", run.run_page_url.removeprefix(databricks.url), token=None
    )

    assert status == 200
    assert "&lt;shown&gt;" in page


def test_runs_go_one_at_a_time_in_the_order_of_submission(databricks):
    first, second = (databricks.submit(databricks.task(FOREVER)) for _ in range(2))

    databricks.await_state(first, "RUNNING")
    waiting = databricks.client().jobs.get_run(second)
    databricks.client().jobs.cancel_run(first)
    databricks.await_state(second, "RUNNING")
    databricks.client().jobs.cancel_run(second)

    assert waiting.state.life_cycle_state is RunLifeCycleState.QUEUED
    assert waiting.status.queue_details.code.value == "ACTIVE_RUNS_LIMIT_REACHED"
    assert databricks.ended(first).end_time <= databricks.ended(second).end_time


def test_canceling_ends_the_script_and_what_it_has_started(databricks):
    child = "import subprocess, time\nprint(subprocess.Popen(['sleep', '600']).pid, flush=True)\n"
    run_id = databricks.submit(databricks.task(child + "time.sleep(600)"))
    run = databricks.await_state(run_id, "RUNNING")
    eventually(lambda: databricks.output(run).logs)
    family = databricks.family()

    databricks.client().jobs.cancel_run(run_id)

    run = databricks.ended(run_id)
    assert result(run) == ("TERMINATED", "CANCELED")
    assert run.state.user_cancelled_or_timedout
    assert run.status.termination_details.code.value == "USER_CANCELED"
    assert len(family) == 2
    assert are_gone(family)


def test_a_script_that_ignores_the_signal_is_killed(databricks):
    deaf = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    run_id = databricks.submit(databricks.task(deaf + FOREVER))
    run = databricks.await_state(run_id, "RUNNING")
    eventually(lambda: databricks.output(run).logs)

    databricks.client().jobs.cancel_run(run_id)

    assert databricks.await_state(run_id, "TERMINATING").end_time == 0
    assert result(databricks.ended(run_id)) == ("TERMINATED", "CANCELED")


def test_a_queued_run_is_canceled_without_a_start(databricks):
    first, second = (databricks.submit(databricks.task(FOREVER)) for _ in range(2))

    databricks.client().jobs.cancel_run(second)

    canceled = databricks.client().jobs.get_run(second)
    databricks.client().jobs.cancel_run(first)
    assert canceled.state.result_state is RunResultState.CANCELED
    assert canceled.tasks[0].execution_duration == 0
    assert databricks.ended(first).state.result_state is RunResultState.CANCELED


@pytest.mark.parametrize("whole_run", [True, False])
def test_what_takes_too_long_is_timed_out(databricks, whole_run):
    limit = {"timeout_seconds": 1}
    task = databricks.task(FOREVER, **({} if whole_run else limit))

    run = databricks.ended(databricks.submit(task, **(limit if whole_run else {})))

    assert result(run) == ("TERMINATED", "TIMEDOUT")
    assert run.state.user_cancelled_or_timedout


def test_a_failed_task_is_tried_again(databricks, tmp_path):
    mark = tmp_path / "mark"
    once = f"import pathlib\nmark = pathlib.Path({str(mark)!r})\nprint(mark.exists())\n"
    once += "if not mark.exists():\n    mark.touch()\n    raise RuntimeError('the first time')"

    run = databricks.run(once, max_retries=2, min_retry_interval_millis=50)

    first, second = run.tasks
    assert run.state.result_state is RunResultState.SUCCESS
    assert (first.attempt_number, second.attempt_number) == (0, 1)
    assert first.state.result_state is RunResultState.FAILED
    assert second.start_time - first.start_time >= 50
    assert databricks.output(run, 0).error == "RuntimeError: the first time"
    assert databricks.output(run, 1).logs == "True\n"


def test_retries_come_to_an_end(databricks):
    run = databricks.run("raise RuntimeError", max_retries=1)

    assert [task.attempt_number for task in run.tasks] == [0, 1]
    assert run.state.result_state is RunResultState.FAILED


def test_tasks_run_after_those_they_depend_on(databricks, tmp_path):
    say = f"import sys, pathlib\npathlib.Path({str(tmp_path)!r}, sys.argv[1]).touch()\n"
    see = f"print(pathlib.Path({str(tmp_path)!r}, 'silver').exists())"
    gold = databricks.task(
        say + see, "gold", parameters=["gold"], depends_on=[TaskDependency(task_key="silver")]
    )
    silver = databricks.task(say, "silver", parameters=["silver"])

    run = databricks.ended(databricks.submit(gold, silver))

    assert run.state.result_state is RunResultState.SUCCESS
    assert (
        databricks.output(run, [task.task_key for task in run.tasks].index("gold")).logs == "True\n"
    )


def test_a_failed_task_keeps_those_that_depend_on_it_from_running(databricks):
    silver = databricks.task("raise RuntimeError", "silver")
    gold = databricks.task("", "gold", depends_on=[TaskDependency(task_key="silver")])

    run = databricks.ended(databricks.submit(silver, gold))

    assert result(run) == ("TERMINATED", "FAILED")
    assert result(run.tasks[1]) == ("SKIPPED", "UPSTREAM_FAILED")
    assert "Task silver failed" in run.state.state_message
    assert "downstream" in run.state.state_message


@pytest.mark.parametrize("is_serverless", [True, False])
def test_a_wheel_is_on_the_path_of_the_script(databricks, tmp_path, is_serverless):
    wheel = tmp_path / "house-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("house.py", "ROOMS = 4")
    script = "import house\nprint(house.ROOMS)"
    library = {"libraries": [Library(whl=str(wheel))]}
    serverless = {"environment_key": "default", "existing_cluster_id": None}
    spec = Environment(environment_version="4", dependencies=[str(wheel)])
    environment = JobEnvironment(environment_key="default", spec=spec)

    task = databricks.task(script, **(serverless if is_serverless else library))
    run = databricks.ended(databricks.submit(task, environments=[environment]))

    assert databricks.output(run).logs == "4\n"


def test_a_wheel_that_is_not_there_fails_the_run(databricks, tmp_path):
    missing = Library(whl=str(tmp_path / "missing.whl"))

    run = databricks.run("", libraries=[missing])

    assert result(run) == ("INTERNAL_ERROR", "FAILED")
    assert run.status.termination_details.code.value == "LIBRARY_INSTALLATION_ERROR"
    assert "missing.whl" in databricks.output(run).error

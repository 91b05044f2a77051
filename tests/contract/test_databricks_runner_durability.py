"""What the Databricks runner has answered outlives it, however it ends, and no process does."""

import json
import signal

import pytest
from databricks.sdk.service.jobs import RunResultState, Task

from tests.contract.databricks_fixture import IGNORING_THE_SDKS_SOCKETS, are_gone
from tests.contract.emulator_process import eventually, refused_start

pytestmark = IGNORING_THE_SDKS_SOCKETS

FOREVER = "import subprocess\nsubprocess.run(['sleep', '600'])"
DEAF = "import time\nprint('deaf', flush=True)\ntime.sleep(600)"


def test_a_kill_keeps_runs_outputs_and_tokens(own_databricks):
    task = own_databricks.task("print('kept')\nraise RuntimeError('kept too')")
    run = own_databricks.ended(own_databricks.submit(task, idempotency_token="window-1"))
    output = own_databricks.output(run)

    own_databricks.emulator.kill()
    own_databricks.emulator.restart()

    again = own_databricks.client().jobs.get_run(run.run_id)
    assert again.as_dict() == run.as_dict()
    assert own_databricks.output(run).as_dict() == output.as_dict()
    assert own_databricks.submit(task, idempotency_token="window-1") == run.run_id
    assert own_databricks.submit(task) > run.tasks[0].run_id


def test_a_kill_keeps_jobs_and_gives_no_number_again(own_databricks):
    jobs = own_databricks.client().jobs
    task = Task.from_dict(own_databricks.task().as_dict())
    kept = jobs.create(name="kept", tasks=[task]).job_id
    dropped = jobs.create(name="dropped", tasks=[task]).job_id
    jobs.delete(dropped)
    run = own_databricks.run()

    own_databricks.emulator.kill()
    own_databricks.emulator.restart()

    assert [job.settings.name for job in jobs.list()] == ["kept"]
    assert jobs.run_now(kept).run_id > run.tasks[0].run_id
    assert jobs.create(name="new", tasks=[task]).job_id > dropped


def test_a_kill_ends_what_ran_and_the_queue_goes_on(own_databricks):
    running = own_databricks.submit(own_databricks.task(FOREVER))
    queued = own_databricks.submit(own_databricks.task("print('later')"))
    own_databricks.await_state(running, "RUNNING")
    eventually(lambda: len(own_databricks.family()) == 2)
    family = own_databricks.family()

    own_databricks.emulator.kill()

    eventually(lambda: are_gone(family))
    own_databricks.emulator.restart()
    lost = own_databricks.ended(running)
    assert lost.state.life_cycle_state.value == "INTERNAL_ERROR"
    assert lost.state.result_state is RunResultState.FAILED
    assert "driver was lost" in lost.state.state_message
    assert own_databricks.output(own_databricks.ended(queued)).logs == "later\n"


def test_a_driver_that_outlives_a_kill_is_ended_at_the_next_start(own_databricks):
    run_id = own_databricks.submit(own_databricks.task(DEAF))
    run = own_databricks.await_state(run_id, "RUNNING")
    eventually(lambda: own_databricks.output(run).logs == "deaf\n")
    family = own_databricks.family()
    for process in family:
        process.suspend()

    own_databricks.emulator.kill()
    survivors = [process for process in family if not are_gone([process])]
    own_databricks.emulator.restart()

    assert survivors == family
    assert are_gone(family)
    assert own_databricks.ended(run_id).state.result_state is RunResultState.FAILED


def test_a_kill_between_attempts_costs_one_of_them(own_databricks, tmp_path):
    mark = tmp_path / "mark"
    text = f"import pathlib\nmark = pathlib.Path({str(mark)!r})\n"
    text += f"if not mark.exists():\n    mark.touch()\n    {FOREVER.replace(chr(10), '; ')}"
    run_id = own_databricks.submit(own_databricks.task(text, max_retries=1))
    eventually(mark.exists)

    own_databricks.emulator.kill()
    own_databricks.emulator.restart()

    run = own_databricks.ended(run_id)
    assert run.state.result_state is RunResultState.SUCCESS
    assert [task.state.life_cycle_state.value for task in run.tasks] == [
        "INTERNAL_ERROR",
        "TERMINATED",
    ]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_runner_ends_cleanly_and_its_drivers_with_it(own_databricks, number):
    run_id = own_databricks.submit(own_databricks.task(FOREVER))
    own_databricks.await_state(run_id, "RUNNING")
    eventually(lambda: len(own_databricks.family()) == 2)
    family = own_databricks.family()

    assert own_databricks.emulator.stop(number) == 0

    assert are_gone(family)
    own_databricks.emulator.restart()
    assert own_databricks.ended(run_id).state.life_cycle_state.value == "INTERNAL_ERROR"


def test_half_a_record_is_not_read(own_databricks):
    run = own_databricks.run()
    own_databricks.emulator.kill()
    (own_databricks.data / "runs" / "999.new").write_text(json.dumps({"half": 1})[:5])

    own_databricks.emulator.restart()

    assert own_databricks.client().jobs.get_run(run.run_id).run_id == run.run_id


def test_nothing_but_logs_and_records_is_left(own_databricks):
    own_databricks.run("import tempfile\nopen('left', 'w').close()\ntempfile.mkstemp()")

    assert own_databricks.emulator.stop() == 0

    folders = sorted(path.name for path in own_databricks.data.iterdir())
    assert folders == ["drivers", "jobs", "lock", "logs", "runs"]
    assert list((own_databricks.data / "drivers").iterdir()) == []


def test_two_runners_do_not_work_on_one_folder(own_databricks):
    code, errors = refused_start("local.databricks", own_databricks.data)

    assert code == 1
    assert f"{own_databricks.data} is in use by another process" in errors
    assert own_databricks.emulator.control("GET", "/health")[0] == 200

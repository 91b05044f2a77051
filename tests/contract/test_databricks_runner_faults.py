"""Faults that the control endpoint sets, as the SDK meets them."""

import pytest
from databricks.sdk.errors import TemporarilyUnavailable
from databricks.sdk.errors.platform import ResourceExhausted
from databricks.sdk.service.jobs import RunResultState

from tests.contract.databricks_fixture import IGNORING_THE_SDKS_SOCKETS

pytestmark = IGNORING_THE_SDKS_SOCKETS

SUBMIT = "jobs/runs/submit"
CALL = "/api/2.2/jobs/runs/submit"


@pytest.fixture
def databricks(databricks):
    databricks.await_idle()
    yield databricks
    databricks.emulator.clear_faults()


def submitted(databricks):
    return [run.run_id for run in databricks.client().jobs.list_runs()]


def test_health_says_what_is_served(databricks):
    status, answer = databricks.emulator.control("GET", "/health")

    assert (status, answer["status"], answer["url"]) == (200, "ok", databricks.url)
    assert answer["spare"] == "none"


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("too-many-requests", 429, "RESOURCE_EXHAUSTED"),
        ("unavailable", 503, "TEMPORARILY_UNAVAILABLE"),
    ],
)
def test_a_call_is_sent_away_before_anything_is_done(databricks, kind, status, code):
    before = submitted(databricks)
    databricks.emulator.set_fault(kind=kind, operation=SUBMIT, seconds=7)
    body = {"tasks": [databricks.task().as_dict()]}

    answered, answer, headers = databricks.raw("POST", CALL, body)

    assert (answered, answer["error_code"], headers["Retry-After"]) == (status, code, "7")
    assert submitted(databricks) == before


@pytest.mark.usefixtures("without_waits")
@pytest.mark.parametrize("kind", ["too-many-requests", "unavailable"])
def test_the_sdk_tries_again_where_it_is_sent_away(databricks, kind):
    databricks.emulator.set_fault(kind=kind, operation=SUBMIT, seconds=0, count=2)

    run_id = databricks.submit(databricks.task())

    assert databricks.emulator.faults()[0]["fired"] == 2
    assert databricks.ended(run_id).state.result_state is RunResultState.SUCCESS


@pytest.mark.parametrize(
    ("kind", "error"),
    [("too-many-requests", ResourceExhausted), ("unavailable", TemporarilyUnavailable)],
)
def test_the_sdk_gives_up_in_the_end(databricks, kind, error):
    databricks.emulator.set_fault(kind=kind, operation=SUBMIT, seconds=1, count=1000)
    client = databricks.client(retry_timeout_seconds=1)

    with pytest.raises(TimeoutError) as given_up:
        client.jobs.submit(tasks=[databricks.task()])

    assert isinstance(given_up.value.__cause__, error)


@pytest.mark.usefixtures("without_waits")
def test_a_lost_reply_doubles_the_run_without_a_token(databricks):
    before = len(submitted(databricks))
    databricks.emulator.set_fault(kind="reply_lost", operation=SUBMIT)

    databricks.submit(databricks.task())

    assert len(submitted(databricks)) == before + 2


@pytest.mark.usefixtures("without_waits")
def test_a_lost_reply_gives_the_same_run_with_a_token(databricks):
    before = submitted(databricks)
    databricks.emulator.set_fault(kind="reply_lost", operation=SUBMIT)

    run_id = databricks.submit(databricks.task(), idempotency_token="once")

    assert submitted(databricks) == [run_id, *before]


def test_a_lost_reply_is_for_writes_alone(databricks):
    databricks.emulator.set_fault(kind="reply_lost")

    submitted(databricks)

    assert databricks.emulator.faults()[0]["fired"] == 0


def test_a_delay_ends_in_the_right_answer(databricks):
    databricks.emulator.set_fault(kind="delay", operation="runs/list", seconds=0.05)

    submitted(databricks)

    assert databricks.emulator.faults()[0]["fired"] == 1


def test_a_slow_run_runs_before_its_script_starts(databricks):
    databricks.emulator.set_fault(kind="slow_run", seconds=600)
    run_id = databricks.submit(databricks.task("print('started')"))

    run = databricks.await_state(run_id, "RUNNING")

    assert databricks.output(run).logs == ""
    databricks.client().jobs.cancel_run(run_id)
    assert databricks.ended(run_id).state.result_state is RunResultState.CANCELED


def test_a_slow_run_runs_its_script_in_the_end(databricks):
    databricks.emulator.set_fault(kind="slow_run", seconds=0.1)

    run = databricks.run("print('started')")

    assert databricks.output(run).logs == "started\n"
    assert run.execution_duration >= 100


def test_failing_runs_fail_as_often_as_they_are_told_to(databricks):
    databricks.emulator.set_fault(
        kind="failing_run", count=2, message="SparkException: no space left"
    )

    first, second, third = (databricks.run("print('ran')") for _ in range(3))

    assert databricks.output(first).error == "SparkException: no space left"
    assert databricks.output(first).logs == ""
    assert second.state.result_state is RunResultState.FAILED
    assert third.state.result_state is RunResultState.SUCCESS


def test_a_failing_run_is_tried_again(databricks):
    databricks.emulator.set_fault(kind="failing_run")

    run = databricks.run(max_retries=1)

    assert [task.state.result_state.value for task in run.tasks] == ["FAILED", "SUCCESS"]


def test_a_fault_hits_only_what_it_is_for(databricks):
    databricks.emulator.set_fault(kind="unavailable", operation="runs/cancel", seconds=0)

    databricks.run()

    assert databricks.emulator.faults()[0]["fired"] == 0


def test_a_call_that_is_not_authenticated_uses_no_fault_up(databricks):
    databricks.emulator.set_fault(kind="unavailable", seconds=0)

    status, _, _ = databricks.raw("GET", "/api/2.2/jobs/runs/list", token="wrong")

    assert status == 403
    assert databricks.emulator.faults()[0]["fired"] == 0


def test_faults_are_cleared(databricks):
    databricks.emulator.set_fault(kind="unavailable", count=100)

    databricks.emulator.clear_faults()

    submitted(databricks)
    assert databricks.emulator.faults() == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"kind": "delay"}, "'seconds'"),
        ({"kind": "slow_run"}, "'seconds'"),
        ({"kind": "delay", "seconds": "1"}, "'seconds'"),
        ({"kind": "reply_lost", "seconds": 1}, "'seconds'"),
        ({"kind": "unavailable", "message": "x"}, "'message'"),
        ({"kind": "failing_run", "operation": "x"}, "'operation'"),
        ({"kind": "failing_run", "message": 1}, "'message'"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_with_the_reason(databricks, body, reason):
    status, answer = databricks.emulator.control("POST", "/faults", body)

    assert status == 400
    assert reason in answer["error"]
    assert databricks.emulator.faults() == []

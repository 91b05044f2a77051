"""The service's own view of Databricks, through the real SDK, on the local runner."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from databricks.sdk.clock import RealClock

from local.kit.ports import free_ports
from shared.adapters.databricks import (
    DATABRICKS_SCOPE,
    LONGEST_WAIT_SECONDS,
    RESOURCE_HEADER,
    RETRY_SECONDS,
    AzureIdentityStrategy,
    DatabricksJobs,
)
from shared.errors import DependencyUnavailableError, MisconfiguredError
from shared.settings import DatabricksSettings
from shared.transform.requests import JobTask, RunRequest
from shared.transform.work import RunOutcome
from tests.contract.databricks_fixture import (
    IGNORING_THE_SDKS_SOCKETS,
    TOKEN,
    RunningDatabricks,
)
from tests.contract.emulator_process import eventually

pytestmark = IGNORING_THE_SDKS_SOCKETS


@dataclass
class FixedCredential:
    """An identity whose token is always the same."""

    scopes: list[str] = field(default_factory=list)

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        self.scopes += scopes
        return AccessToken(TOKEN, int(time.time()) + 3600)


@pytest.fixture(autouse=True)
def without_faults(databricks: RunningDatabricks) -> Iterator[None]:
    databricks.await_idle()
    yield
    databricks.emulator.clear_faults()


@pytest.fixture
def settings(databricks: RunningDatabricks) -> DatabricksSettings:
    return DatabricksSettings(
        host=databricks.url,
        token=TOKEN,
        resource_id=None,
        compute="job_cluster",
        cluster_id=None,
        spark_version="17.3.x-scala2.13",
        node_type="Standard_D4ds_v5",
        workers=2,
        jobs_root=str(databricks.scripts),
        wheel=None,
        lake_uri="abfss://lake",
    )


@pytest.fixture
def jobs(settings: DatabricksSettings) -> DatabricksJobs:
    return DatabricksJobs(settings, FixedCredential())


def a_request(
    databricks: RunningDatabricks, token: str, script: str = "", timeout: int = 600
) -> RunRequest:
    file = databricks.script(script).rpartition("/")[2]
    task = JobTask(name="window", file=file, parameters=("--lake", "abfss://lake"))
    return RunRequest(
        run_name=f"landfall {token}", idempotency_token=token, task=task, timeout_seconds=timeout
    )


def ended(jobs: DatabricksJobs, run_id: int) -> RunOutcome:
    outcomes: list[RunOutcome | None] = []
    eventually(lambda: outcomes.append(jobs.read_outcome(run_id)) or outcomes[-1] is not None)
    assert outcomes[-1] is not None
    return outcomes[-1]


def test_a_run_is_submitted_with_its_parameters_and_followed_to_its_end(
    databricks: RunningDatabricks, jobs: DatabricksJobs
) -> None:
    request = a_request(databricks, "good", "import sys; print(sys.argv[1:])")

    run = jobs.submit(request)

    outcome = ended(jobs, run.run_id)
    assert outcome.error == ""
    assert (run.url or "").startswith(databricks.url)
    output = databricks.output(databricks.client().jobs.get_run(run.run_id))
    assert "['--lake', 'abfss://lake']" in (output.logs or "")


def test_a_run_that_fails_tells_its_error(
    databricks: RunningDatabricks, jobs: DatabricksJobs
) -> None:
    request = a_request(databricks, "bad", "raise ValueError('5 rows read, 6 were committed')")

    outcome = ended(jobs, jobs.submit(request).run_id)

    assert outcome.error.startswith("FAILED: ")
    assert "ValueError: 5 rows read, 6 were committed" in outcome.error


def test_a_run_that_finds_no_machine_was_ended_by_the_platform_and_a_broken_one_was_not(
    databricks: RunningDatabricks, jobs: DatabricksJobs
) -> None:
    databricks.emulator.set_fault(kind="no_capacity")
    no_machine = ended(jobs, jobs.submit(a_request(databricks, "no machine")).run_id)
    databricks.emulator.set_fault(kind="failing_run")
    broken = ended(jobs, jobs.submit(a_request(databricks, "broken")).run_id)

    assert (no_machine.is_interruption, broken.is_interruption) == (True, False)
    assert "STOCKOUT" in no_machine.error


def test_a_run_that_takes_longer_than_it_may_is_ended_and_costs_an_attempt(
    databricks: RunningDatabricks, jobs: DatabricksJobs
) -> None:
    request = a_request(databricks, "hung", "import time; time.sleep(600)", timeout=1)

    outcome = ended(jobs, jobs.submit(request).run_id)

    assert outcome.error.startswith("TIMEDOUT")
    assert not outcome.is_interruption


def test_a_run_that_failed_has_failed_also_where_its_output_cannot_be_read(
    databricks: RunningDatabricks, jobs: DatabricksJobs
) -> None:
    run_id = jobs.submit(a_request(databricks, "unreadable", "raise ValueError")).run_id
    ended(jobs, run_id)
    databricks.emulator.set_fault(kind="unavailable", operation="runs/get-output", count=1000)

    outcome = jobs.read_outcome(run_id)

    assert outcome is not None
    assert outcome.error.startswith("FAILED: ")
    assert "cannot be read" in outcome.error


def test_a_run_that_has_not_ended_has_no_outcome(
    databricks: RunningDatabricks, jobs: DatabricksJobs
) -> None:
    databricks.emulator.set_fault(kind="slow_run", seconds=600)
    run_id = jobs.submit(a_request(databricks, "slow")).run_id

    outcome = jobs.read_outcome(run_id)

    databricks.client().jobs.cancel_run(run_id)
    assert outcome is None
    assert ended(jobs, run_id).error.startswith("CANCELED")


def test_a_run_that_the_workspace_forgot_has_failed(jobs: DatabricksJobs) -> None:
    outcome = jobs.read_outcome(987654321)

    assert outcome is not None
    assert outcome.error == "the workspace does not know run 987654321"


@pytest.mark.usefixtures("without_waits")
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "reply_lost"},
        {"kind": "too-many-requests", "seconds": 1, "count": 2},
        {"kind": "unavailable", "seconds": 1},
    ],
    ids=lambda fault: fault["kind"],
)
def test_a_fault_that_passes_is_one_run(
    databricks: RunningDatabricks, jobs: DatabricksJobs, fault: dict[str, Any]
) -> None:
    token = f"fault-{fault['kind']}"
    databricks.emulator.set_fault(operation="jobs/runs/submit", **fault)

    run = jobs.submit(a_request(databricks, token))

    named = [item for item in runs(databricks) if item.run_name == f"landfall {token}"]
    assert [item.run_id for item in named] == [run.run_id]


def test_a_workspace_that_asks_to_wait_longer_than_a_tick_may_is_unavailable(
    databricks: RunningDatabricks, jobs: DatabricksJobs
) -> None:
    databricks.emulator.set_fault(
        kind="unavailable", operation="jobs/runs/submit", count=100, seconds=30
    )

    with pytest.raises(DependencyUnavailableError, match="it asks to wait for 3"):
        jobs.submit(a_request(databricks, "never"))


def test_a_workspace_that_is_gone_is_unavailable_and_holds_nobody_for_long(
    settings: DatabricksSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (port,) = free_ports(1)
    jobs = DatabricksJobs(replace(settings, host=f"http://127.0.0.1:{port}"), FixedCredential())
    passed: list[float] = []
    monkeypatch.setattr(RealClock, "time", lambda _: sum(passed))
    monkeypatch.setattr(RealClock, "sleep", lambda _, seconds: passed.append(seconds))

    with pytest.raises(DependencyUnavailableError, match="the next tick tries again"):
        jobs.read_outcome(1)

    assert 0 < sum(passed) < 2 * (RETRY_SECONDS + LONGEST_WAIT_SECONDS)


def test_a_token_that_is_refused_is_for_a_person_to_mend(settings: DatabricksSettings) -> None:
    jobs = DatabricksJobs(replace(settings, token="wrong"), FixedCredential())

    with pytest.raises(MisconfiguredError, match="see the LANDFALL_DATABRICKS settings"):
        jobs.read_outcome(1)


def test_without_a_token_an_azure_identity_signs_in(settings: DatabricksSettings) -> None:
    identity = FixedCredential()
    jobs = DatabricksJobs(replace(settings, token=None), identity)

    outcome = jobs.read_outcome(987654321)

    assert outcome is not None
    assert set(identity.scopes) == {DATABRICKS_SCOPE}


def test_the_identity_names_its_workspace_where_it_is_set() -> None:
    strategy = AzureIdentityStrategy(FixedCredential(), "/subscriptions/1/workspaces/w")

    headers = strategy(None)()

    assert headers == {
        "Authorization": f"Bearer {TOKEN}",
        RESOURCE_HEADER: "/subscriptions/1/workspaces/w",
    }


def test_a_job_cluster_is_spot_with_fallback_and_its_driver_on_demand(
    databricks: RunningDatabricks, settings: DatabricksSettings
) -> None:
    jobs = DatabricksJobs(replace(settings, wheel="/jobs.whl"), FixedCredential())

    task = submitted(databricks, jobs, "job-cluster")

    cluster = task.new_cluster
    azure = cluster.azure_attributes
    assert (cluster.spark_version, cluster.node_type_id, cluster.num_workers) == (
        "17.3.x-scala2.13",
        "Standard_D4ds_v5",
        2,
    )
    assert (azure.availability.value, azure.first_on_demand, azure.spot_bid_max_price) == (
        "SPOT_WITH_FALLBACK_AZURE",
        1,
        -1,
    )
    assert [library.whl for library in task.libraries] == ["/jobs.whl"]


def test_an_existing_cluster_is_named(
    databricks: RunningDatabricks, settings: DatabricksSettings
) -> None:
    existing = replace(settings, compute="existing_cluster", cluster_id="0101-abc")

    task = submitted(databricks, DatabricksJobs(existing, FixedCredential()), "existing")

    assert (task.existing_cluster_id, task.new_cluster) == ("0101-abc", None)


def test_serverless_has_an_environment_with_the_wheel(
    databricks: RunningDatabricks, settings: DatabricksSettings
) -> None:
    serverless = replace(settings, compute="serverless", wheel="/Workspace/jobs.whl")

    task = submitted(databricks, DatabricksJobs(serverless, FixedCredential()), "serverless")

    assert (task.environment_key, task.new_cluster, task.libraries) == ("landfall", None, [])


def submitted(databricks: RunningDatabricks, jobs: DatabricksJobs, token: str) -> Any:
    """The one task of a run, as the workspace has it."""
    run_id = jobs.submit(a_request(databricks, token)).run_id
    (task,) = databricks.client().jobs.get_run(run_id).tasks
    return task


def runs(databricks: RunningDatabricks) -> list[Any]:
    return list(databricks.client().jobs.list_runs())

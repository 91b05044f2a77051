"""Databricks Jobs, through databricks-sdk."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError
from databricks.sdk import WorkspaceClient
from databricks.sdk.clock import RealClock
from databricks.sdk.config import Config
from databricks.sdk.credentials_provider import CredentialsProvider, CredentialsStrategy
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied, Unauthenticated
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service.compute import (
    AzureAttributes,
    AzureAvailability,
    ClusterSpec,
    Environment,
    Library,
)
from databricks.sdk.service.jobs import (
    JobEnvironment,
    Run,
    RunLifeCycleState,
    RunResultState,
    SparkPythonTask,
    SubmitTask,
    TerminationCodeCode,
    TerminationTypeType,
)

from shared.errors import (
    Dependency,
    DependencyUnavailableError,
    MisconfiguredError,
    first_line,
)
from shared.settings import DatabricksSettings
from shared.transform.requests import RunRequest
from shared.transform.work import RunOutcome, SubmittedRun

# A dead workspace must never hold a timer: one call gives up well within a tick.
CALL_SECONDS = 10
RETRY_SECONDS = 5
LONGEST_WAIT_SECONDS = 10
DATABRICKS_SCOPE = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default"
RESOURCE_HEADER = "X-Databricks-Azure-Workspace-Resource-Id"
ENVIRONMENT_KEY = "landfall"
MOST_ERROR_CHARACTERS = 2000
# Databricks may add codes; of one that is not known here, its type says whose fault it is.
THE_PLATFORMS = (
    TerminationCodeCode.CANCELED,
    TerminationCodeCode.CLOUD_FAILURE,
    TerminationCodeCode.CLUSTER_ERROR,
    TerminationCodeCode.CLUSTER_REQUEST_LIMIT_EXCEEDED,
    TerminationCodeCode.INTERNAL_ERROR,
    TerminationCodeCode.MAX_CONCURRENT_RUNS_EXCEEDED,
    TerminationCodeCode.MAX_JOB_QUEUE_SIZE_EXCEEDED,
    TerminationCodeCode.MAX_SPARK_CONTEXTS_EXCEEDED,
    TerminationCodeCode.WORKSPACE_RUN_LIMIT_EXCEEDED,
)
THE_PLATFORMS_TYPES = (TerminationTypeType.CLOUD_FAILURE, TerminationTypeType.INTERNAL_ERROR)
# A driver that runs out of memory is lost too: the job may do that each time.
THE_JOBS_OWN = (TerminationCodeCode.DRIVER_ERROR, TerminationCodeCode.RUN_EXECUTION_ERROR)
ENDED = (
    RunLifeCycleState.TERMINATED,
    RunLifeCycleState.SKIPPED,
    RunLifeCycleState.INTERNAL_ERROR,
)


class AzureIdentityStrategy(CredentialsStrategy):
    """Tokens of azure-identity, managed identity included, which the SDK has no provider for."""

    def __init__(self, credential: TokenCredential, resource_id: str | None) -> None:
        """Keep the credential; it caches and renews its tokens itself."""
        self._credential, self._resource_id = credential, resource_id

    def auth_type(self) -> str:
        """The name that the SDK shows for it."""
        return "azure-identity"

    def __call__(self, cfg: Config) -> CredentialsProvider:  # noqa: ARG002 - the SDK's signature
        """The headers of each request."""
        return self._headers

    def _headers(self) -> dict[str, str]:
        token = self._credential.get_token(DATABRICKS_SCOPE).token
        resource = {RESOURCE_HEADER: self._resource_id} if self._resource_id else {}
        return {"Authorization": f"Bearer {token}", **resource}


class TicksClock(RealClock):
    """Waits between the SDK's tries, but never for longer than a tick has time for.

    The SDK waits as long as Retry-After says, whatever its own retry budget.
    """

    def sleep(self, seconds: float) -> None:
        """Wait; raises TimeoutError where that would take too long."""
        if seconds > LONGEST_WAIT_SECONDS:
            message = f"it asks to wait for {seconds:.0f} s"
            raise TimeoutError(message)
        super().sleep(seconds)


class DatabricksJobs:
    """One workspace's Jobs; implements JobRunner.

    The client is made at the first call, since making one asks the workspace for its configuration.
    """

    def __init__(self, settings: DatabricksSettings, credential: TokenCredential) -> None:
        """Keep what the client needs; does no I/O."""
        self._settings, self._credential = settings, credential
        self._client: WorkspaceClient | None = None

    def submit(self, request: RunRequest) -> SubmittedRun:
        """Submit one run, with its idempotency token; returns its id and its page's address."""
        with _translated(f"submit {request.run_name}"):
            client = self._connect()
            run_id = client.jobs.submit(
                run_name=request.run_name,
                idempotency_token=request.idempotency_token,
                tasks=[self._task(request)],
                timeout_seconds=request.timeout_seconds,
                environments=self._environments(),
            ).run_id
            return SubmittedRun(run_id=run_id, url=client.jobs.get_run(run_id).run_page_url)

    def read_outcome(self, run_id: int) -> RunOutcome | None:
        """Ask how the run stands; one that the workspace no longer knows has failed."""
        with _translated(f"tell of run {run_id}"):
            client = self._connect()
            try:
                run = client.jobs.get_run(run_id)
            except NotFound:
                error = f"the workspace does not know run {run_id}"
                return RunOutcome(ended_at=datetime.now(UTC), error=error)
            return _outcome(run, client)

    def _connect(self) -> WorkspaceClient:
        if self._client is None:
            settings = self._settings
            strategy = AzureIdentityStrategy(self._credential, settings.resource_id)
            self._client = WorkspaceClient(
                config=Config(
                    host=settings.host,
                    token=settings.token,
                    credentials_strategy=None if settings.token else strategy,
                    http_timeout_seconds=CALL_SECONDS,
                    retry_timeout_seconds=RETRY_SECONDS,
                    clock=TicksClock(),
                )
            )
        return self._client

    def _task(self, request: RunRequest) -> SubmitTask:
        settings = self._settings
        wheel = [Library(whl=settings.wheel)] if settings.wheel else None
        is_serverless = settings.compute == "serverless"
        return SubmitTask(
            task_key=request.task.name,
            spark_python_task=SparkPythonTask(
                python_file=f"{settings.jobs_root}/{request.task.file}",
                parameters=list(request.task.parameters),
            ),
            new_cluster=self._cluster() if settings.compute == "job_cluster" else None,
            existing_cluster_id=settings.cluster_id,
            environment_key=ENVIRONMENT_KEY if is_serverless else None,
            libraries=None if is_serverless else wheel,
        )

    def _cluster(self) -> ClusterSpec:
        """A cluster for this run alone: the driver on demand, the workers on spot if available."""
        return ClusterSpec(
            spark_version=self._settings.spark_version,
            node_type_id=self._settings.node_type,
            num_workers=self._settings.workers,
            azure_attributes=AzureAttributes(
                availability=AzureAvailability.SPOT_WITH_FALLBACK_AZURE,
                first_on_demand=1,
                spot_bid_max_price=-1,
            ),
        )

    def _environments(self) -> list[JobEnvironment] | None:
        if self._settings.compute != "serverless":
            return None
        wheel = [self._settings.wheel] if self._settings.wheel else []
        spec = Environment(environment_version="4", dependencies=wheel)
        return [JobEnvironment(environment_key=ENVIRONMENT_KEY, spec=spec)]


def _outcome(run: Run, client: WorkspaceClient) -> RunOutcome | None:
    state = run.state
    if state is None or state.life_cycle_state not in ENDED:
        return None
    ended_at = datetime.fromtimestamp((run.end_time or 0) / 1000, UTC)
    if state.result_state is RunResultState.SUCCESS:
        return RunOutcome(ended_at=ended_at)
    told = [state.state_message or "", *_task_errors(run, client)]
    reason = state.result_state or state.life_cycle_state
    error = f"{reason.value if reason else 'FAILED'}: {'; '.join(filter(None, told))}"
    return RunOutcome(
        ended_at=ended_at,
        error=error[:MOST_ERROR_CHARACTERS],
        is_interruption=_is_interruption(run),
    )


def _is_interruption(run: Run) -> bool:
    """Whether the platform ended the run: then a new one costs the work no attempt."""
    details = run.status.termination_details if run.status else None
    if details is None or (run.state and run.state.result_state is RunResultState.TIMEDOUT):
        return False
    if details.code in THE_JOBS_OWN:
        return False
    return details.code in THE_PLATFORMS or details.type in THE_PLATFORMS_TYPES


def _task_errors(run: Run, client: WorkspaceClient) -> list[str]:
    return [_task_error(task.run_id, client) for task in run.tasks or () if task.run_id]


def _task_error(run_id: int, client: WorkspaceClient) -> str:
    """What a task says went wrong; the run has failed also where its output cannot be read."""
    try:
        return client.jobs.get_run_output(run_id).error or ""
    except (DatabricksError, OSError, AzureError) as error:
        return f"the output of task run {run_id} cannot be read: {first_line(error)}"


@contextmanager
def _translated(action: str) -> Iterator[None]:
    try:
        yield
    except (BadRequest, PermissionDenied, Unauthenticated) as error:
        message = f"Databricks refuses to {action}: {error}"
        raise MisconfiguredError(message, hint="see the LANDFALL_DATABRICKS settings") from error
    except (DatabricksError, OSError, AzureError) as error:
        message = f"Databricks did not {action}: {error}"
        raise DependencyUnavailableError(
            message, dependency=Dependency.DATABRICKS, hint="the next tick tries again"
        ) from error

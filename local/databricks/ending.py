"""How a run or a task ended, in the service's words."""

from dataclasses import dataclass

FAILED_WORKLOAD = "Workload failed, see run output for details"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A final state, with its termination code and type."""

    result_state: str
    code: str
    type: str = "CLIENT_ERROR"
    message: str = ""
    life_cycle_state: str = "TERMINATED"

    @property
    def succeeded(self) -> bool:
        """Whether dependent tasks may start."""
        return self.result_state == "SUCCESS"

    @property
    def was_stopped(self) -> bool:
        """Whether a person or a timeout stopped it."""
        return self.result_state in ("CANCELED", "TIMEDOUT")


SUCCEEDED = Ending(result_state="SUCCESS", code="SUCCESS", type="SUCCESS")
CANCELED = Ending(result_state="CANCELED", code="USER_CANCELED", message="Run cancelled.")
SCRIPT_FAILED = Ending(result_state="FAILED", code="RUN_EXECUTION_ERROR", message=FAILED_WORKLOAD)
UPSTREAM_FAILED = Ending(
    result_state="UPSTREAM_FAILED",
    code="SKIPPED",
    message="Upstream tasks did not succeed.",
    life_cycle_state="SKIPPED",
)
UPSTREAM_CANCELED = Ending(
    result_state="UPSTREAM_CANCELED",
    code="SKIPPED",
    message="An upstream task was canceled.",
    life_cycle_state="SKIPPED",
)
TOO_MANY_RUNS = Ending(
    result_state="MAXIMUM_CONCURRENT_RUNS_REACHED",
    code="MAX_CONCURRENT_RUNS_EXCEEDED",
    message="Run skipped: the job's maximum of concurrent runs is reached.",
    life_cycle_state="SKIPPED",
)


def timed_out(seconds: int) -> Ending:
    """End a run or task that exceeded its timeout."""
    message = f"Run timed out after {seconds} seconds."
    return Ending(result_state="TIMEDOUT", code="CANCELED", message=message)


def file_unreadable(python_file: str) -> Ending:
    """End a task whose script does not exist."""
    message = (
        f"Cannot read the python file {python_file}. Please check driver logs for more details."
    )
    return _internal("RESOURCE_NOT_FOUND", "CLIENT_ERROR", message)


def library_missing(library: str) -> Ending:
    """End a task whose wheel does not exist."""
    message = (
        "Library installation failed for library due to user error. Error messages:\n"
        f"{library}: no such file"
    )
    return _internal("LIBRARY_INSTALLATION_ERROR", "CLIENT_ERROR", message)


def driver_lost(why: str) -> Ending:
    """End a task whose driver died, although nobody stopped it."""
    message = f"The Spark driver was lost: {why}."
    return _internal("DRIVER_ERROR", "INTERNAL_ERROR", message)


def no_capacity() -> Ending:
    """End a task because the cloud had no machine for its cluster."""
    message = "The cluster could not be started: CLOUD_PROVIDER_RESOURCE_STOCKOUT."
    return _internal("CLOUD_FAILURE", "CLOUD_FAILURE", message)


def _internal(code: str, kind: str, message: str) -> Ending:
    return Ending(
        result_state="FAILED",
        code=code,
        type=kind,
        message=message,
        life_cycle_state="INTERNAL_ERROR",
    )

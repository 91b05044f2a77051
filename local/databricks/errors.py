"""The service's refusals: error code, status and message."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceError:
    """One of the service's error codes, with its status and text."""

    status: int
    code: str
    message: str
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, object]:
        """Write it as the service does."""
        return {"error_code": self.code, "message": self.message, "details": []}


class JobsError(Exception):
    """A refusal that the gateway sends to the client."""

    def __init__(self, error: ServiceError) -> None:
        """Keep the service's error."""
        super().__init__(f"{error.status} {error.code}: {error.message}")
        self.error = error


NO_CREDENTIAL = ServiceError(
    status=401,
    code="401",
    message="Credential was not sent or was of an unsupported type for this API.",
)
WRONG_TOKEN = ServiceError(status=403, code="403", message="Invalid access token.")
INTERNAL_ERROR = ServiceError(
    status=500, code="INTERNAL_ERROR", message="The Databricks runner failed: see its log."
)
OUTPUT_OF_WHOLE_RUN = ServiceError(
    status=400,
    code="INVALID_PARAMETER_VALUE",
    message="Retrieving the output of runs with multiple tasks is not supported. "
    "Please retrieve the output of each individual task run instead.",
)


def no_such_api(method: str, path: str) -> ServiceError:
    """Refuse a call that the runner does not know."""
    message = f"No API found for '{method} {path}'. The Databricks runner does the Jobs API 2.2."
    return ServiceError(status=404, code="ENDPOINT_NOT_FOUND", message=message)


def invalid(message: str) -> ServiceError:
    """Refuse an argument that the service refuses too."""
    return ServiceError(status=400, code="INVALID_PARAMETER_VALUE", message=message)


def malformed(message: str) -> ServiceError:
    """Refuse a body that is not a JSON object."""
    return ServiceError(status=400, code="MALFORMED_REQUEST", message=message)


def not_done(what: str) -> ServiceError:
    """Refuse what the service supports but the runner does not."""
    message = f"The Databricks runner does not do {what}."
    return ServiceError(status=400, code="FEATURE_DISABLED", message=message)


def no_such_run(run_id: int) -> ServiceError:
    """Say that the run does not exist; on a get, the SDK turns this into ResourceDoesNotExist."""
    return invalid(f"Run {run_id} does not exist.")


def no_such_job(job_id: int) -> ServiceError:
    """Say that the job does not exist; on a get, the SDK turns this into ResourceDoesNotExist."""
    return invalid(f"Job {job_id} does not exist.")


def throttled(seconds: int) -> ServiceError:
    """Tell the client to slow down and retry later."""
    return ServiceError(
        status=429,
        code="RESOURCE_EXHAUSTED",
        message="The rate limit of this API is reached. Please try again later.",
        headers={"Retry-After": str(seconds)},
    )


def unavailable(seconds: int) -> ServiceError:
    """Say that the service is unavailable for now."""
    return ServiceError(
        status=503,
        code="TEMPORARILY_UNAVAILABLE",
        message="The service is temporarily unavailable.",
        headers={"Retry-After": str(seconds)},
    )

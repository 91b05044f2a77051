"""Puts the runner together over its data folder."""

from dataclasses import dataclass
from pathlib import Path

from local.databricks.document import Documents
from local.databricks.drivers import Drivers
from local.databricks.execution import Execution
from local.databricks.faults import Fault
from local.databricks.gateway import Gateway, Handler
from local.databricks.job_book import JobBook
from local.databricks.jobs_api import JobsApi
from local.databricks.new_run import NewRuns
from local.databricks.numbers import Numbers
from local.databricks.records import Records
from local.databricks.run_book import RunBook
from local.databricks.run_page import RunPage
from local.databricks.runs_api import RunsApi
from local.databricks.worker import Worker
from local.kit.faults import Faults

_API = "/api/2.2/jobs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """The parts that the server starts and stops."""

    gateway: Gateway
    faults: Faults[Fault]
    worker: Worker
    drivers: Drivers

    async def aclose(self) -> None:
        """End the current run's driver, and the spare."""
        await self.worker.close()
        await self.drivers.close()


def compose(*, data: Path, url: str, token: str | None, spare_seconds: float) -> Runner:
    """Read the records of an earlier runner, and build the parts over them."""
    logs = data / "logs"
    logs.mkdir(exist_ok=True)
    numbers, faults = Numbers(), Faults[Fault]()
    book = RunBook(Records(folder=data / "runs"), numbers)
    drivers = Drivers(data / "drivers", spare_seconds)
    execution = Execution(book, drivers, faults, logs)
    worker = Worker(book, numbers, execution)
    documents = Documents(url=url)
    runs = RunsApi(
        book=book,
        new_runs=NewRuns(book=book, numbers=numbers),
        worker=worker,
        execution=execution,
        documents=documents,
    )
    jobs = JobsApi(
        book=JobBook(Records(folder=data / "jobs"), numbers),
        runs=book,
        new_runs=runs.new_runs,
        worker=worker,
    )
    page = RunPage(book=book, execution=execution, documents=documents)
    gateway = Gateway(
        operations={**_run_calls(runs), **_job_calls(jobs)}, faults=faults, page=page, token=token
    )
    return Runner(
        gateway=gateway,
        faults=faults,
        worker=worker,
        drivers=drivers,
    )


def _run_calls(runs: RunsApi) -> dict[tuple[str, str], Handler]:
    return {
        ("POST", f"{_API}/runs/submit"): runs.submit,
        ("GET", f"{_API}/runs/get"): runs.get,
        ("GET", f"{_API}/runs/get-output"): runs.get_output,
        ("GET", f"{_API}/runs/list"): runs.list,
        ("POST", f"{_API}/runs/cancel"): runs.cancel,
    }


def _job_calls(jobs: JobsApi) -> dict[tuple[str, str], Handler]:
    return {
        ("POST", f"{_API}/create"): jobs.create,
        ("POST", f"{_API}/run-now"): jobs.run_now,
        ("GET", f"{_API}/list"): jobs.list,
        ("GET", f"{_API}/get"): jobs.get,
        ("POST", f"{_API}/update"): jobs.update,
        ("POST", f"{_API}/reset"): jobs.reset,
        ("POST", f"{_API}/delete"): jobs.delete,
    }

"""The emulators that contract tests share: one process each, in which tests make their own."""

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from azure.core.pipeline.transport import HttpTransport
from azure.storage.filedatalake import FileSystemClient
from databricks.sdk.clock import RealClock

from tests.contract.azurite_fixture import AzuriteEndpoints, start_azurite
from tests.contract.databricks_fixture import RunningDatabricks, running_databricks
from tests.contract.hub_fixture import RunningHub, play, start_hub
from tests.contract.lake_fixture import RunningLake, running_lake


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzuriteEndpoints]:
    """One Azurite; tests name tables, containers and queues of their own in it."""
    with start_azurite(tmp_path_factory.mktemp("azurite")) as endpoints:
        yield endpoints


@pytest.fixture(scope="session")
def hubs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """One hub emulator; tests make hubs of their own in it."""
    running = start_hub(tmp_path_factory.mktemp("hubs"))
    yield running
    assert running.emulator.stop() == 0


@pytest.fixture
def hub(hubs: RunningHub) -> str:
    """Make a fresh hub with one partition."""
    return hubs.new_hub()


@pytest.fixture(scope="module")
def makers(
    hubs: RunningHub, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Callable[[], Any]]:
    """Make what a scenario asks for by name; a module may make more."""
    return {
        "hubs": lambda: hubs,
        "hub": hubs.new_hub,
        "folder": lambda: tmp_path_factory.mktemp("scenario"),
    }


@pytest.fixture(scope="module")
def scenarios(
    request: pytest.FixtureRequest, makers: dict[str, Callable[[], Any]]
) -> "Iterator[dict[str, Future[None]]]":
    """Start every selected test of the file that is to run side by side, `AT_ONCE` at a time."""
    functions = [getattr(item, "function", None) for item in request.session.items]
    chosen = [
        function.scenario
        for function in functions
        if hasattr(function, "scenario") and function.scenario.__module__ == request.module.__name__
    ]
    with ThreadPoolExecutor(getattr(request.module, "AT_ONCE", len(chosen))) as threads:
        yield {scenario.__name__: threads.submit(play, scenario, makers) for scenario in chosen}


@pytest.fixture(scope="module")
def cut_sockets_are_collected() -> Iterator[None]:
    """Collect what the SDK left behind while it is still ignored."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLake]:
    """One lake gateway; tests make filesystems of their own in it."""
    with running_lake(tmp_path_factory.mktemp("lake")) as running:
        yield running


@pytest.fixture(scope="session")
def lake(gateway: RunningLake) -> RunningLake:
    """Name the gateway as its own tests do."""
    return gateway


@pytest.fixture
def filesystem(lake: RunningLake) -> Iterator[FileSystemClient]:
    """Make a fresh filesystem; faults that the test sets end with it."""
    yield lake.fresh_filesystem()
    lake.emulator.clear_faults()


@pytest.fixture
def own_lake(tmp_path: Path) -> Iterator[RunningLake]:
    """Run a gateway that the test may kill."""
    with running_lake(tmp_path / "lake") as running:
        yield running


@pytest.fixture(scope="session")
def databricks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDatabricks]:
    """One Databricks runner without spare drivers; tests look at their own runs and jobs in it."""
    with running_databricks(tmp_path_factory.mktemp("databricks")) as running:
        yield running


@pytest.fixture
def own_databricks(tmp_path: Path) -> Iterator[RunningDatabricks]:
    """Run a runner that the test may kill."""
    with running_databricks(tmp_path) as running:
        yield running


@pytest.fixture
def without_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the SDKs try again at once; how often they do stays as it is."""
    monkeypatch.setattr(HttpTransport, "sleep", lambda *_: None)
    monkeypatch.setattr(RealClock, "sleep", lambda *_: None)

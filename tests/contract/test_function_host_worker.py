"""The local function host and its worker's process: neither goes on without the other."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.contract.host_fixture import RunningHost, launch_host, run_host, write_app

CODE = """
import pathlib, signal, time

@app.route()
def kill(req: func.HttpRequest) -> str:
    os.kill(os.getpid(), signal.SIGKILL)

@app.route()
def leave(req: func.HttpRequest) -> str:
    os._exit(3)

@app.route()
async def spin(req: func.HttpRequest) -> str:
    note(os.getpid())
    print("printed")
    while not pathlib.Path(os.environ["NOTES"]).with_name("enough").exists():
        pass
    return "enough"
"""


@pytest.fixture
def host(tmp_path: Path) -> Iterator[RunningHost]:
    # What is printed waits in the worker then, whatever the tests' own environment says.
    settings = {"PYTHONUNBUFFERED": ""}
    with run_host(write_app(tmp_path / "app", CODE), settings=settings) as running:
        yield running


def test_a_host_ends_by_the_signal_that_ends_its_worker(host: RunningHost) -> None:
    with pytest.raises(ConnectionResetError):
        host.request("/api/kill")

    assert host.process.wait(timeout=30) == -signal.SIGKILL


def test_a_host_fails_with_a_worker_that_ends_by_itself(host: RunningHost) -> None:
    with pytest.raises(ConnectionResetError):
        host.request("/api/leave")

    assert host.process.wait(timeout=30) == 1
    assert "The worker's process ended with 3." in host.log_text()


def test_a_worker_that_ends_before_the_app_is_loaded_ends_the_host_with_a_clear_line(
    tmp_path: Path,
) -> None:
    host = launch_host(write_app(tmp_path / "app", "os._exit(5)"))

    assert host.process.wait(timeout=30) == 1
    assert "the worker ended with 5 before it had loaded the app" in host.log_text()


def test_a_busy_worker_does_not_hold_up_its_host_and_ends_with_it(host: RunningHost) -> None:
    with ThreadPoolExecutor() as caller:
        spinning = caller.submit(host.request, "/api/spin")
        (pid,) = host.wait_for_notes(1)

        state = host.request("/admin/host/status").json()["state"]
        # Waits until the worker has ended too.
        host.kill()

    assert state == "Running"
    assert pid != host.process.pid
    assert isinstance(spinning.exception(), OSError)


def test_a_signal_to_all_that_a_terminal_runs_lets_a_function_end(host: RunningHost) -> None:
    with ThreadPoolExecutor() as caller:
        spinning = caller.submit(host.request, "/api/spin")
        (pid,) = host.wait_for_notes(1)

        for process in (pid, host.process.pid):
            os.kill(process, signal.SIGINT)
        host.wait_for_log("Application is shutting down")
        host.notes_file.with_name("enough").touch()

    assert spinning.result().body == b"enough"
    assert host.process.wait(timeout=30) == 0
    assert "printed" in host.log_text()

"""An emulator as a process of its own, and its control endpoint."""

import contextlib
import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.kit.ports import free_ports
from local.kit.waiting import await_health, wait_until

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_SECONDS = 180.0  # Spark starts in seconds, or in many where the machine is busy


@dataclass(kw_only=True)
class EmulatorProcess:
    """A process of `python -m <module>`, and what tests ask of every emulator."""

    module: str
    data: Path
    port: int
    control_port: int
    arguments: tuple[str, ...]
    process: "subprocess.Popen[bytes]"

    def control(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Call the control endpoint; bytes are sent as they are, all else as JSON."""
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.control_port}{path}"
        status, answer, _ = send(urllib.request.Request(url, content, method=method))
        return status, json.loads(answer)

    def set_fault(self, **fault: Any) -> None:
        status, answer = self.control("POST", "/faults", fault)
        assert status == 201, answer

    def faults(self) -> list[dict[str, Any]]:
        """List the faults that are set, and how often each has fired."""
        found: list[dict[str, Any]] = self.control("GET", "/faults")[1]["faults"]
        return found

    def clear_faults(self) -> None:
        assert self.control("DELETE", "/faults") == (200, {"faults": []})

    def kill(self) -> None:
        """End the process as `kill -9` does."""
        self.process.kill()
        self.process.wait(DEADLINE_SECONDS)

    def restart(self) -> None:
        """Start a new process over the same folder and ports."""
        self.process = _spawn(self.module, self.data, self.port, self.control_port, *self.arguments)
        self.await_health()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask the process to stop, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(DEADLINE_SECONDS)

    def await_health(self) -> None:
        await_health(
            f"http://127.0.0.1:{self.control_port}/health",
            DEADLINE_SECONDS,
            is_running=lambda: self.process.poll() is None,
        )


def start_emulator(module: str, data: Path, *arguments: str) -> EmulatorProcess:
    """Start an emulator over a folder, and wait until it serves."""
    port, control_port = free_ports(2)
    started = EmulatorProcess(
        module=module,
        data=data,
        port=port,
        control_port=control_port,
        arguments=arguments,
        process=_spawn(module, data, port, control_port, *arguments),
    )
    started.await_health()
    return started


@contextlib.contextmanager
def running_emulator(module: str, data: Path, *arguments: str) -> Iterator[EmulatorProcess]:
    """Run an emulator until the block ends."""
    running = start_emulator(module, data, *arguments)
    try:
        yield running
    finally:
        running.kill()


def refused_start(module: str, data: Path) -> tuple[int, str]:
    """Start an emulator that is to end by itself; returns its exit code and standard error."""
    ports = [str(port) for port in free_ports(2)]
    command = [sys.executable, "-m", module, "--data", str(data)]
    command += ["--port", ports[0], "--control-port", ports[1]]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=20, check=False)
    return ended.returncode, ended.stderr.decode()


def send(request: urllib.request.Request) -> tuple[int, bytes, dict[str, str]]:
    """Send a request; an error status is an answer too."""
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, response.read(), dict(response.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), dict(error.headers)


def eventually(probe: Any) -> Any:
    """Poll until a probe gives something true, and return it."""
    return wait_until(probe, DEADLINE_SECONDS)


def _spawn(
    module: str, data: Path, port: int, control_port: int, *arguments: str
) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", module, "--data", str(data), "--port", str(port)]
    return subprocess.Popen([*command, "--control-port", str(control_port), *arguments], cwd=ROOT)

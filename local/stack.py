"""Start and stop the local stack; stack.json records what runs."""

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from local.app_settings import app_settings
from local.dropzone import make_dropzone
from local.kit.ports import is_free
from local.kit.waiting import EndedTooSoonError, await_health, wait_until
from local.parts import PART_NAMES, ROOT, Part, stack_parts
from local.ports import Ports, ports_from

READY_SECONDS = 60
STOP_SECONDS = 20
RELEASE_SECONDS = 3
DEFAULT_DATA = ROOT / ".local"


class StackError(Exception):
    """The stack cannot do what was asked; the message says how to fix it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningPart:
    """A process that we started; its start time tells it from a later one with the same pid."""

    name: str
    pid: int
    started_at: float

    def process(self) -> psutil.Process | None:
        """The process, or None when it has ended."""
        try:
            process = psutil.Process(self.pid)
            is_same = abs(process.create_time() - self.started_at) < 1
            is_alive = is_same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        return process if is_alive else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """One local stack: its data folder holds its state, its logs and stack.json."""

    data: Path
    ports: Ports
    _children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def file(self) -> Path:
        """The file with the endpoints, settings and pids."""
        return self.data / "stack.json"

    @property
    def host_url(self) -> str:
        """The function host's address."""
        return f"http://127.0.0.1:{self.ports.host}"

    def up(self, hubs: tuple[str, ...] = (), *, with_host: bool = True) -> list[str]:
        """Start the parts that do not run yet, and wait until they serve; returns their names.

        Raises StackError if a port is taken or a part does not come up.
        """
        running = {part.name: part for part in self.running()}
        settings = app_settings(self.ports, self.data)
        hubs = hubs or (f"{settings['LANDFALL_HUB']}:4",)
        groups = settings["LANDFALL_REPLAY_CONSUMER_GROUP"]
        named = tuple(hub if hub.count(":") > 1 else f"{hub}:{groups}" for hub in hubs)
        parts = stack_parts(self.ports, self.data, named, with_host=with_host)
        missing = [part for part in parts if part.name not in running]
        _require_free_ports(missing)
        self._start_together([part for part in missing if part.name != "host"], running)
        if any(part.name == "azurite" for part in missing):
            make_dropzone(settings)
        # The host needs the other parts; no part needs the host.
        self._start_together([part for part in missing if part.name == "host"], running)
        return [part.name for part in missing]

    def down(self) -> list[str]:
        """Stop every process of the stack, the host first; returns what was stopped."""
        running = self.running()
        for part in reversed(running):
            _stop(part)
        for child in self._children:
            child.poll()
        if self.file.exists():
            self._write([])
        return [part.name for part in running]

    def running(self) -> list[RunningPart]:
        """The parts that run now, in starting order."""
        if not self.file.exists():
            return []
        written = json.loads(self.file.read_text())["processes"]
        parts = sorted((RunningPart(**entry) for entry in written), key=_start_order)
        return [part for part in parts if part.process()]

    def _start_together(self, parts: list[Part], running: dict[str, RunningPart]) -> None:
        for part in parts:
            running[part.name] = self._start(part)
            self._write(list(running.values()))
        for part in parts:
            self._wait_until_ready(part, running[part.name])

    def _start(self, part: Part) -> RunningPart:
        logs = self.data / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        with (logs / f"{part.name}.log").open("ab") as log:
            process = subprocess.Popen(
                part.command,
                cwd=ROOT,
                env={**os.environ, **part.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._children.append(process)
        started_at = psutil.Process(process.pid).create_time()
        return RunningPart(name=part.name, pid=process.pid, started_at=started_at)

    def _wait_until_ready(self, part: Part, started: RunningPart) -> None:
        try:
            await_health(
                part.ready_url, READY_SECONDS, is_running=lambda: started.process() is not None
            )
        except (EndedTooSoonError, TimeoutError) as error:
            log = self.data / "logs" / f"{part.name}.log"
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            message = f"{part.name} did not come up; the end of {log}:\n{tail}"
            raise StackError(message) from error

    def _write(self, running: list[RunningPart]) -> None:
        document = {
            "endpoints": {
                "host": self.host_url,
                "hub": f"sb://127.0.0.1:{self.ports.hub}",
                "hub_control": f"http://127.0.0.1:{self.ports.hub_control}",
                "lake": f"http://127.0.0.1:{self.ports.lake}/landfalllake",
                "lake_control": f"http://127.0.0.1:{self.ports.lake_control}",
                "blob": f"http://127.0.0.1:{self.ports.blob}",
                "queue": f"http://127.0.0.1:{self.ports.queue}",
                "table": f"http://127.0.0.1:{self.ports.table}",
                "databricks": f"http://127.0.0.1:{self.ports.databricks}",
                "databricks_control": f"http://127.0.0.1:{self.ports.databricks_control}",
            },
            "port_base": None if self.ports == Ports() else self.ports.host,
            "settings": app_settings(self.ports, self.data),
            "processes": [
                {"name": part.name, "pid": part.pid, "started_at": part.started_at}
                for part in running
            ],
        }
        self.data.mkdir(parents=True, exist_ok=True)
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(document, indent=2) + "\n")
        new.replace(self.file)


def open_stack(data: Path | None, port_base: int | None) -> Stack:
    """The stack of a data folder; a running one keeps its ports.

    Raises StackError if it runs on other ports than the ones asked for.
    """
    data = (data or DEFAULT_DATA).resolve()
    file = data / "stack.json"
    written = json.loads(file.read_text())["port_base"] if file.exists() else None
    stack = Stack(data=data, ports=ports_from(written))
    if port_base in (None, written) and file.exists():
        return stack
    if stack.running():
        message = f"the stack of {data} runs on other ports: stop it, or choose another --data"
        raise StackError(message)
    return Stack(data=data, ports=ports_from(port_base))


def _start_order(part: RunningPart) -> int:
    return PART_NAMES.index(part.name)


def _require_free_ports(parts: list[Part]) -> None:
    """Refuse ports that are taken, after a moment for a killed part to release its own."""
    ports = [port for part in parts for port in part.ports]
    try:
        wait_until(lambda: all(map(is_free, ports)), RELEASE_SECONDS)
    except TimeoutError as error:
        taken = ", ".join(str(port) for port in ports if not is_free(port))
        message = f"port {taken} is in use: choose others with --port-base"
        raise StackError(message) from error


def _stop(part: RunningPart) -> None:
    process = part.process()
    if process is None:
        return
    family = [process, *process.children(recursive=True)]
    process.terminate()
    _, alive = psutil.wait_procs(family, timeout=STOP_SECONDS)
    for survivor in alive:
        survivor.kill()
    psutil.wait_procs(alive, timeout=STOP_SECONDS)

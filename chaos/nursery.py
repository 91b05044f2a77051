"""Starts function hosts cheaply: it imports everything once, then forks each host and worker.

Reads one JSON object per line. The answer to `{"start": {"arguments": [...], "environment": {...},
"log": "..."}}` is the new host's pid. The answer to `{"reap": pid}` is how that host ended, as soon
as it has. When the input ends, the nursery kills the remaining hosts.
"""

import json
import os
import signal
import socket
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import function_app  # noqa: F401 - imported for the hosts
from functions.app_service import use_service
from local.host import __main__ as host
from local.host import worker_process
from local.host.worker_client import WorkerProcess
from shared.service import Service
from shared.settings import read_settings

CLOCK_SKEW = "CHAOS_CLOCK_SKEW_SECONDS"


def main() -> None:
    """Serve until the input ends."""
    # A terminal's Ctrl-C reaches us but not the hosts. Our parent ends us, and we end the hosts.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    hosts: set[int] = set()
    for line in sys.stdin:
        order = json.loads(line)
        if pid := order.get("reap"):
            hosts.discard(pid)
            answer = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        else:
            answer = os.fork() or _be_host(order["start"])
            # The host does this too. Whoever is first, a signal to the group finds the group.
            os.setpgid(answer, answer)
            hosts.add(answer)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
    for pid in hosts:
        os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _be_host(order: Mapping[str, Any]) -> NoReturn:
    # Its own group, so one signal reaches the host and its worker.
    os.setpgid(0, 0)
    with open(order["log"], "ab") as log, open(os.devnull, "rb") as nothing:  # noqa: PTH123 - their descriptors count
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.environ.update(order["environment"])
    if skew := order["environment"].get(CLOCK_SKEW):
        _skew_clock(timedelta(seconds=float(skew)))
    # Imported only to warm up its imports: the worker loads the app that it is told to.
    sys.modules.pop("function_app")
    code = 1
    try:
        code = host.main(order["arguments"], _fork_worker)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _fork_worker(app_directory: Path) -> WorkerProcess:
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if not pid:
        ours.close()
        worker_process.main(app_directory, theirs)
        os._exit(1)
    theirs.close()
    return WorkerProcess(
        connection=ours, wait=lambda: os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    )


def _skew_clock(skew: timedelta) -> None:
    """Skew the service's clock but not the SDKs', because skewed signatures would be refused."""
    use_service(Service(read_settings(), lambda: datetime.now(UTC) + skew))


if __name__ == "__main__":
    main()

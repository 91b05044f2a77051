"""The worker as a process of its own, as it is in Azure: `python -m local.host.worker_process`.

A host that receives a backlog keeps one interpreter busy; what lands it must not wait for that one.
The worker lives as long as its host does: when the host ends, however it does, so does the worker.
"""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path
from typing import NoReturn

from local.host.definitions import FunctionDefinition, define_function
from local.host.errors import AppLoadError, FunctionError
from local.host.host_json import read_host_json
from local.host.indexing import IndexedFunction, index_app
from local.host.logs import set_up_logging
from local.host.settings import AppSettings
from local.host.worker import Worker
from local.host.worker_messages import (
    AppLoaded,
    AppNotLoaded,
    Invocation,
    frame,
    open_streams,
    receive,
    without_code,
)


def main(app_directory: Path, connection: socket.socket) -> None:
    """Load the app, say what it has, and run what the host asks for."""
    for number in (signal.SIGINT, signal.SIGTERM):
        # Who ends the host by its group means the host; it gives functions time to end.
        signal.signal(number, signal.SIG_IGN)
    set_up_logging(read_host_json(app_directory).log_levels)
    try:
        functions = index_app(app_directory)
    except AppLoadError as error:
        cause = f" ({error.__cause__!r})" if error.__cause__ else ""
        connection.sendall(frame(AppNotLoaded(problem=f"{error}{cause}")))
        return
    connection.sendall(frame(AppLoaded(functions=tuple(map(without_code, functions)))))
    asyncio.run(_serve(connection, _define(functions)))


def _exit() -> NoReturn:
    """End at once: a function that does not end must not outlive its host."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)


def _define(functions: list[IndexedFunction]) -> dict[str, FunctionDefinition]:
    """What the host accepts; it names what it does not, and never asks for it."""
    definitions = {}
    for function in functions:
        try:
            definitions[function.name] = define_function(function, default_retry=None)
        except FunctionError:
            continue
    return definitions


async def _serve(connection: socket.socket, definitions: dict[str, FunctionDefinition]) -> NoReturn:
    reader, writer = await open_streams(connection)
    count = AppSettings.from_environment(os.environ).get("PYTHON_THREADPOOL_THREAD_COUNT")
    worker = Worker(thread_count=int(count) if count else None)
    worker.start()
    running: set[asyncio.Task[None]] = set()
    while isinstance(asked := await receive(reader), Invocation):
        task = asyncio.create_task(_run(worker, definitions[asked.function_name], asked, writer))
        running.add(task)
        task.add_done_callback(running.discard)
    _exit()


async def _run(
    worker: Worker,
    function: FunctionDefinition,
    asked: Invocation,
    writer: asyncio.StreamWriter,
) -> None:
    result = await worker.invoke(
        function, asked.payload, invocation_id=asked.invocation_id, retry=asked.retry
    )
    writer.write(frame(result))


if __name__ == "__main__":
    main(Path(sys.argv[1]), socket.socket(fileno=int(sys.argv[2])))

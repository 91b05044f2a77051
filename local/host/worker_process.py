"""The worker in its own process, as in Azure: `python -m local.host.worker_process`.

A host that receives a backlog keeps one interpreter busy, so functions run in another one.
The worker lives as long as its host: it ends when the host ends, even if the host is killed.
"""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path
from typing import NoReturn

from local.host.errors import AppLoadError
from local.host.host_json import read_host_json
from local.host.indexing import LoadedFunction, load_app
from local.host.logs import set_up_logging
from local.host.settings import AppSettings
from local.host.worker import Invocation, Worker
from local.host.worker_messages import AppLoaded, AppNotLoaded, frame, open_streams, receive


def main(app_directory: Path, connection: socket.socket) -> None:
    """Load the app, report its functions, and run the ones that the host asks for."""
    for number in (signal.SIGINT, signal.SIGTERM):
        # A signal to the process group is meant for the host, which gives functions time to end.
        signal.signal(number, signal.SIG_IGN)
    set_up_logging(read_host_json(app_directory).log_levels)
    try:
        functions = load_app(app_directory)
    except AppLoadError as error:
        connection.sendall(frame(AppNotLoaded(problem=str(error))))
        return
    connection.sendall(frame(AppLoaded(functions=tuple(each.indexed for each in functions))))
    asyncio.run(_serve(connection, functions))


def _exit() -> NoReturn:
    """End at once: a function that never ends must not outlive its host."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)


async def _serve(connection: socket.socket, functions: list[LoadedFunction]) -> NoReturn:
    reader, writer = await open_streams(connection)
    count = AppSettings.from_environment(os.environ).get("PYTHON_THREADPOOL_THREAD_COUNT")
    worker = Worker(functions, thread_count=int(count) if count else None)
    worker.start()
    running: set[asyncio.Task[None]] = set()
    while isinstance(asked := await receive(reader), Invocation):
        task = asyncio.create_task(_run(worker, asked, writer))
        running.add(task)
        task.add_done_callback(running.discard)
    _exit()


async def _run(worker: Worker, asked: Invocation, writer: asyncio.StreamWriter) -> None:
    writer.write(frame(await worker.invoke(asked)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), socket.socket(fileno=int(sys.argv[2])))

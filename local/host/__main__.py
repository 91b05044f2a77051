"""The command line: `python -m local.host --app DIR`."""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

from local.host.composition import Composition, HostOptions, environment_settings
from local.host.errors import HostError
from local.host.host_json import read_host_json
from local.host.logs import set_up_logging
from local.host.runtime import FunctionHost, collect_seldom
from local.host.settings import read_local_settings
from local.host.worker_client import WorkerClient, WorkerProcess, start_process

_LOG = logging.getLogger("Host.Startup")


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m local.host", description="Run an Azure Functions Python app locally."
    )
    parser.add_argument("--app", type=Path, required=True, help="the app's directory")
    parser.add_argument("--port", type=int, default=7071, help="HTTP port on 127.0.0.1")
    parser.add_argument(
        "--blob-scan-seconds", type=float, default=10, help="time between two blob scans"
    )
    parser.add_argument(
        "--settings", type=Path, help="a local.settings.json; the environment comes before it"
    )
    return parser.parse_args(arguments)


def main(
    arguments: list[str], start_worker: Callable[[Path], WorkerProcess] = start_process
) -> int:
    """Run the host and return the exit code; `start_worker` starts its worker."""
    options = parse_arguments(arguments)
    try:
        app_directory = options.app.resolve(strict=True)
        if options.settings:
            for name, value in read_local_settings(options.settings).items():
                os.environ.setdefault(name, value)
        config = read_host_json(app_directory)
        set_up_logging(config.log_levels)
        host_options = HostOptions(
            app_directory=app_directory,
            config=config,
            settings=environment_settings(),
            blob_scan_interval=timedelta(seconds=options.blob_scan_seconds),
        )
        process = start_worker(app_directory)
        collect_seldom()
        return asyncio.run(_run(host_options, process, options.port))
    except (HostError, OSError, ValueError) as error:
        cause = f" ({error.__cause__!r})" if error.__cause__ else ""
        sys.stderr.write(f"local.host: {error}{cause}\n")
        return 1


async def _run(options: HostOptions, process: WorkerProcess, port: int) -> int:
    host = FunctionHost()
    worker = WorkerClient(process, on_end=host.end_like)
    async with AsyncExitStack() as stack:
        indexed = await worker.start()
        stack.push_async_callback(worker.stop)
        parts = await Composition(options, host, worker, stack).build(indexed)
        return await host.run(parts, port=port)


def _exit(code: int) -> NoReturn:
    """End at once: a function's thread that never ends must not keep the process alive."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _exit(main(sys.argv[1:]))

"""The command line of the Databricks runner."""

import argparse
import asyncio
import logging
import sys
from pathlib import Path

from local.databricks.server import DataFolderInUseError, Options, serve


def _parse(arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser(
        prog="python -m local.databricks",
        description="Serves the Databricks Jobs API, and runs PySpark scripts on this machine.",
    )
    parser.add_argument("--port", type=int, default=10005, help="the API's port")
    parser.add_argument("--control-port", type=int, default=10006, help="health and faults")
    parser.add_argument("--data", type=Path, required=True, help="where runs and logs are kept")
    parser.add_argument("--token", help="the bearer token to ask for; any passes if not given")
    parser.add_argument(
        "--spare-seconds",
        type=float,
        default=120.0,
        help="how long a spare driver waits for the next run; 0 for none",
    )
    given = parser.parse_args(arguments)
    return Options(
        port=given.port,
        control_port=given.control_port,
        data=given.data,
        token=given.token,
        spare_seconds=given.spare_seconds,
    )


def main() -> int:
    """Run the runner until it is told to stop."""
    options = _parse(sys.argv[1:])
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    try:
        asyncio.run(serve(options))
    except (DataFolderInUseError, OSError) as error:
        logging.getLogger("local.databricks").error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The command line of the Databricks runner."""

import sys

from local.databricks.server import Options, serve
from local.kit.command_line import make_parser, run


def _parse(arguments: list[str]) -> Options:
    parser = make_parser(
        "local.databricks",
        "Serves the Databricks Jobs API, and runs PySpark scripts on this machine.",
        port=10005,
        control_port=10006,
    )
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


if __name__ == "__main__":
    sys.exit(run("local.databricks", serve(_parse(sys.argv[1:]))))

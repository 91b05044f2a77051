"""The command line of an emulator: the options they share, and how each starts and ends."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Coroutine
from pathlib import Path

from local.kit.serving import DataInUseError


def make_parser(
    module: str, description: str, *, port: int, control_port: int
) -> argparse.ArgumentParser:
    """Make a parser for the options that every emulator takes; these ports are the defaults."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    parser.add_argument(
        "--port", type=int, default=port, help="where it serves (default %(default)s)"
    )
    parser.add_argument(
        "--control-port",
        type=int,
        default=control_port,
        help="health and faults over HTTP (default %(default)s)",
    )
    parser.add_argument("--data", type=Path, required=True, help="the folder of what it keeps")
    return parser


def run(module: str, serve: Coroutine[None, None, None], *expected: type[Exception]) -> int:
    """Serve until told to stop; return the exit code.

    An expected error becomes one line on standard error.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    told: tuple[type[Exception], ...] = (DataInUseError, OSError, *expected)
    try:
        asyncio.run(serve)
    except told as error:
        sys.stderr.write(f"{module}: {error}\n")
        return 1
    return 0

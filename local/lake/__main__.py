"""The command line of the lake gateway."""

import argparse
import asyncio
import base64
import binascii
import logging
import sys
from pathlib import Path

from local.lake.paths import is_filesystem_name
from local.lake.server import DataFolderInUseError, Options, serve
from local.lake.signature import Account

# The key that every storage emulator uses; it protects nothing.
_WELL_KNOWN_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)


def _parse(arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser(
        prog="python -m local.lake", description="Serves ADLS Gen2 over a plain folder."
    )
    parser.add_argument("--port", type=int, default=10003, help="the lake's port")
    parser.add_argument("--control-port", type=int, default=10004, help="health and faults")
    parser.add_argument("--data", type=Path, required=True, help="the folder to serve")
    parser.add_argument("--account", default="landfalllake", help="the account's name")
    parser.add_argument(
        "--key", type=_key, default=_WELL_KNOWN_KEY, help="the account's key, in base64"
    )
    parser.add_argument(
        "--filesystem",
        type=_filesystem,
        action="append",
        default=[],
        help="a filesystem to create at the start; repeatable",
    )
    given = parser.parse_args(arguments)
    return Options(
        port=given.port,
        control_port=given.control_port,
        data=given.data,
        account=Account(name=given.account, key=given.key),
        filesystems=tuple(given.filesystem),
    )


def _key(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error as error:
        message = "the key is not base64"
        raise argparse.ArgumentTypeError(message) from error
    return text


def _filesystem(text: str) -> str:
    if not is_filesystem_name(text):
        message = f"{text!r} is no filesystem name: 3 to 63 of a-z, 0-9 and single hyphens"
        raise argparse.ArgumentTypeError(message)
    return text


def main() -> int:
    """Run the gateway until it is told to stop."""
    options = _parse(sys.argv[1:])
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    try:
        asyncio.run(serve(options))
    except (DataFolderInUseError, OSError) as error:
        logging.getLogger("local.lake").error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

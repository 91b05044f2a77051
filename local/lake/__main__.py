"""The command line of the lake gateway."""

import argparse
import base64
import binascii
import sys

from local.kit.command_line import make_parser, run
from local.lake.paths import is_filesystem_name
from local.lake.server import Options, serve
from local.lake.signature import Account

# The public key that all storage emulators use; it protects nothing.
_WELL_KNOWN_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)


def _parse(arguments: list[str]) -> Options:
    parser = make_parser(
        "local.lake", "Serves ADLS Gen2 over a plain folder.", port=10003, control_port=10004
    )
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


if __name__ == "__main__":
    sys.exit(run("local.lake", serve(_parse(sys.argv[1:]))))

"""``python -m local.hub``."""

import sys

from local.hub.options import parse_options
from local.hub.segment import CorruptLogError
from local.hub.server import serve
from local.kit.command_line import run

if __name__ == "__main__":
    sys.exit(run("local.hub", serve(parse_options()), ValueError, CorruptLogError))

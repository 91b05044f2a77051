"""``python -m local.hub``."""

import asyncio
import logging
import sys

from local.hub.options import parse_options
from local.hub.segment import CorruptLogError
from local.hub.server import DataInUseError, run


def main() -> int:
    """Run the emulator; return the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    options = parse_options()
    try:
        asyncio.run(run(options))
    except (OSError, ValueError, CorruptLogError, DataInUseError) as error:
        sys.stderr.write(f"local.hub: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The command line: `python -m chaos --seed 7 --minutes 5`."""

import argparse
import asyncio
import secrets
import shutil
import sys
from pathlib import Path

from chaos.report import lines
from chaos.run import ChaosOptions, log_to, run
from local.stack import DEFAULT_DATA


def main() -> int:
    """Run, report, and return 0 only if everything adds up."""
    options = _parse()
    shutil.rmtree(options.data, ignore_errors=True)
    log_to(options.data / "logs" / "chaos.log")
    _tell(f"chaos seed {options.seed}, {options.hosts} hosts, logs in {options.data}")
    done = asyncio.run(run(options, _tell))
    for line in lines(done):
        _tell(line)
    return 0 if done.holds else 1


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _parse() -> ChaosOptions:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--seed", type=int, help="the plan of all faults (by chance)")
    parser.add_argument("--minutes", type=float, default=5.0, help="(%(default)s)")
    parser.add_argument("--kills", type=int, metavar="N", help="end after so many, if sooner")
    parser.add_argument("--hosts", type=int, default=3, choices=range(1, 10), metavar="N")
    parser.add_argument("--calm", type=int, default=1, metavar="N", help="N times fewer faults")
    parser.add_argument("--rate", type=float, default=1000, help="events/s at most (%(default)s)")
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA / "chaos", metavar="DIR")
    given = parser.parse_args()
    return ChaosOptions(
        seed=secrets.randbelow(10_000) if given.seed is None else given.seed,
        seconds=given.minutes * 60,
        kills=given.kills,
        hosts=given.hosts,
        calm=given.calm,
        rate=given.rate,
        data=given.data,
    )


if __name__ == "__main__":
    sys.exit(main())

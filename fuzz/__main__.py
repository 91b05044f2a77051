"""`python -m fuzz`: events through both cores until the time is over or they differ."""

import argparse
import json
import secrets
import sys
import time
from collections import Counter
from random import Random

from fuzz.bodies import Bodies
from fuzz.schemas import Schemas
from shared.contracts.contract import Contract

try:
    from fuzz.comparing import Difference, find_difference
    from fuzz.supporting import find_lack
except ImportError as error:
    sys.exit(f"the native core is not built ({error}): install Rust (cargo) and run `make setup`")

AT_ONCE = 50
SECONDS_BETWEEN_REPORTS = 60


def main() -> int:
    """Compare until the time is over; returns 1 if the cores differ."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, help="the first contract's seed (any)")
    options = parser.parse_args()
    first = secrets.randbelow(10**9) if options.seed is None else options.seed
    began = time.monotonic()
    told, cases, seed = began, 0, first
    unsupported: Counter[str] = Counter()
    while time.monotonic() - began < options.minutes * 60:
        random = Random(seed)
        contract = Schemas(random).contract()
        lack = find_lack(contract)
        if lack:
            unsupported[lack] += 1
        else:
            bodies = Bodies(random, contract.record)
            difference = find_difference(contract, [bodies.body() for _ in range(AT_ONCE)])
            if difference:
                _tell_difference(contract, difference, seed)
                return 1
            cases += AT_ONCE
        seed += 1
        if time.monotonic() - told > SECONDS_BETWEEN_REPORTS:
            told = time.monotonic()
            _tell(f"{cases:,} events, {seed - first:,} contracts, no difference")
    _tell(f"{cases:,} events of {seed - first:,} contracts from seed {first}: no difference")
    _tell(f"not for the native core: {dict(unsupported.most_common())}")
    return 0


def _tell_difference(contract: Contract, difference: Difference, seed: int) -> None:
    _tell(f"the cores differ, seed {seed}")
    _tell(f"contract   {json.dumps(dict(contract.schema))}")
    _tell(f"body       {difference.body!r} as {'Avro' if difference.is_avro else 'JSON'}")
    _tell(f"reference  {difference.reference}")
    _tell(f"native     {difference.native}")


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

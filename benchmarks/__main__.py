"""What Landfall costs, beside what else there is: `python -m benchmarks [--quick] [--only a,b]`.

Measures, prints, and writes docs/benchmarks.md and its charts. `--quick` takes seconds, needs
nothing that is not installed, and writes nothing: it only shows that all of it works.
"""

import argparse
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from benchmarks.document import render, write_document
from benchmarks.environment import is_ready, make_environment
from benchmarks.measuring import Machine, describe_machine
from benchmarks.readings import CONTRACT
from benchmarks.results import Section
from shared.encoding.encoder_choice import choose_core

PARTS = {
    "a": "trigger",
    "b": "encoding",
    "c": "avro_bodies",
    "d": "codecs",
    "e": "invocation",
    "f": "end_to_end",
    "g": "file_to_lake",
}
PACKAGES = (
    "azure-functions",
    "azure-eventhub",
    "fastavro",
    "isal",
    "backports.zstd",
    "cramjam",
    "orjson",
    "msgspec",
    "dlt",
    "pyspark",
    "polars",
    "pyarrow",
    "bytewax",
    "py-spy",
)


def main() -> int:
    """Measure the requested parts."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only to see that it works")
    parser.add_argument("--only", default=",".join(PARTS), metavar="a,b", help="these parts")
    options = parser.parse_args()
    letters = options.only.split(",")
    if unknown := set(letters) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    if not options.quick and not is_ready():
        python = str(make_environment())
        os.execv(python, [python, "-m", "benchmarks", *sys.argv[1:]])
    sections = [_run(letter, quick=options.quick) for letter in letters]
    if not options.quick:
        write_document(sections, _machine(), datetime.now(UTC).date())
    return 0


def _run(letter: str, *, quick: bool) -> Section:
    part, (load, _, _) = import_module(f"benchmarks.{PARTS[letter]}"), os.getloadavg()
    section: Section = replace(part.section(quick=quick), load=load)
    print(f"\n{letter}. {section.title}\n{render(section)}", flush=True)
    return section


def _machine() -> Machine:
    """Ask the native core for its version, because a lent core has no installed package."""
    machine, core = describe_machine(_installed()), choose_core([CONTRACT])
    native = {"landfall-native": core.version} if core.version else {}
    return replace(machine, packages=native | {**machine.packages})


def _installed() -> list[str]:
    return [name for name in PACKAGES if _is_installed(name)]


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())

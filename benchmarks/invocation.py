"""Part e: a whole invocation, from the worker's input to files in an in-memory lake."""

import json
import os
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.encoders import best_name
from benchmarks.invocations.handed import BATCH_SIZE
from benchmarks.invocations.on_local_host import (
    AT_ONCE,
    TURNS,
    measure_local_host,
    measure_partitions,
)
from benchmarks.measuring import Measured, Spread
from benchmarks.results import (
    Bar,
    Chart,
    Claim,
    Comparison,
    Section,
    at_least,
    compare,
    untried,
)
from tests.integration.worker_environment import find_python, make_environment

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "benchmarks" / "invocations"
BATCHES, QUICK_BATCHES = 5, 1
REPETITIONS, QUICK_REPETITIONS = 9, 1
OURS, PLAIN = "ingest", "plain"
WITHOUT = "left out by --quick, or no python3.13 is here"
Document = dict[str, Any]
CLAIM, BOUND = "a whole invocation, times the plain function", 25
CORES_CLAIM, CORES_BOUND = "two partitions at once use more than one core (CPU over wall)", 1.05


def section(*, quick: bool) -> Section:
    """Measure under our host, and under Microsoft's worker library if a Python for it exists."""
    batches, repetitions = (QUICK_BATCHES, QUICK_REPETITIONS) if quick else (BATCHES, REPETITIONS)
    found = [
        Comparison(
            title=f"the local host's worker, batches of {BATCH_SIZE:,}",
            events=batches * BATCH_SIZE,
            ways=measure_local_host(batches, repetitions),
        )
    ]
    partitions = Comparison(
        title=f"{OURS}, two partitions in one worker, batches of {BATCH_SIZE:,}",
        events=2 * batches * BATCH_SIZE,
        ways=measure_partitions(batches, repetitions),
    )
    python = None if quick else find_python()
    if python:
        found.insert(0, _on_worker_library(make_environment(python), batches, repetitions))
    claims = [
        *map(_claim, found),
        at_least(CORES_CLAIM, partitions.cores(AT_ONCE), CORES_BOUND),
    ]
    if not python:
        claims.append(untried(f"{CLAIM}, under Microsoft's worker library", WITHOUT))
    return Section(
        letter="e",
        title="A whole invocation",
        lines=[
            *(line for comparison in found for line in (*compare(comparison), "")),
            f"`{OURS}` is Landfall's function ({best_name()}); `{PLAIN}` is written as the samples "
            "are: it loops over the events, parses, validates, encodes and puts one file. The "
            "messages of the worker library's protocol are stand-ins: unpacking protobuf is in "
            "neither.",
            "",
            *compare(partitions),
            "",
            _side_by_side(partitions),
        ],
        claims=claims,
        charts=[_chart(found[0])],
    )


def _on_worker_library(python: str, batches: int, repetitions: int) -> Comparison:
    command = [python, "-m", "benchmarks.invocations.on_worker_library"]
    with tempfile.TemporaryDirectory(prefix="landfall-native-") as folder:
        _lend_native_core(Path(folder))
        done = subprocess.run(
            [*command, str(batches), str(repetitions)],
            cwd=APP,
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), folder])},
            capture_output=True,
            text=True,
            check=True,
        )
    told = json.loads(done.stdout)
    machine = told["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
    return Comparison(
        title=f"Python {machine['python']}, {versions}, {told['core']}, batches of {BATCH_SIZE:,}",
        events=batches * BATCH_SIZE,
        ways={name: _measured(way) for name, way in told["measured"].items()},
    )


def _lend_native_core(folder: Path) -> None:
    """Let another Python use our native core, whose build works for all versions from 3.11 on."""
    found = find_spec("landfall_native")
    for place in (found.submodule_search_locations or []) if found else []:
        (folder / Path(place).name).symlink_to(place)


def _measured(told: Document) -> Measured:
    spreads = {name: Spread(**told[name]) for name in ("cpu", "wall")}
    return Measured(name=told["name"], repetitions=told["repetitions"], **spreads)


def _side_by_side(partitions: Comparison) -> str:
    turns, at_once = (partitions.ways[name].wall for name in (TURNS, AT_ONCE))
    return (
        f"Two partitions at once take {at_once.ratio(turns):.2f} of the wall time of one after the "
        f"other, on {partitions.cores(AT_ONCE):.2f} cores (CPU over wall) instead of "
        f"{partitions.cores(TURNS):.2f}. Of Python one thread runs at a time; what can go on "
        "beside it is what is done without the interpreter: compressing, hashing, and the native "
        "core's work. The lake is in memory here, so that there is no waiting for another to fill."
    )


def _claim(comparison: Comparison) -> Claim:
    return at_least(f"{CLAIM} ({comparison.title})", comparison.ratio(OURS, PLAIN), BOUND)


def _chart(comparison: Comparison) -> Chart:
    return Chart(
        name="whole-invocation",
        title="A whole invocation, events/s a core",
        bars=[
            Bar(label=name, value=comparison.rate(name), is_ours=name == OURS)
            for name in comparison.ways
        ],
    )

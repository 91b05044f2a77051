"""Measures several ways to do one thing: alternating, CPU and wall time, medians and spread."""

import gc
import os
import platform
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

# How long one turn of a quick way lasts when we compare it with slow ways.
TURN_SECONDS = 0.1
_CPU_FACTS = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Seconds of several repetitions, turn by turn, with their median, least and most."""

    median: float
    least: float
    most: float
    turns: Sequence[float]

    def ratio(self, other: "Spread") -> float:
        """How many times as long this took as the other.

        It is the median over the turns: when the machine is slow, it is slow for both in that turn.
        """
        return median(mine / its for mine, its in zip(self.turns, other.turns, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The cost of one way; CPU time is that of the whole process, including all its threads."""

    name: str
    repetitions: int
    cpu: Spread
    wall: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine and the versions of a measurement."""

    processor: str
    cores: int
    system: str
    python: str
    packages: Mapping[str, str]


def measure(
    ways: Mapping[str, Callable[[], object]], *, repetitions: int, least_seconds: float = 0
) -> dict[str, Measured]:
    """Run every way once unmeasured, then in turns, so a disturbance affects all of them.

    Each turn repeats its way until it has lasted `least_seconds`. Otherwise, a few slow
    milliseconds of the machine would make a quick way look slow, and hardly affect a slow one.
    """
    for way in ways.values():
        way()
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    names = list(ways)
    for turn in range(repetitions):
        # Rotate the order: a way must not always run with the caches that the same other way left.
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            taken[name].append(_take(ways[name], least_seconds))
    return {name: _summarize(name, times) for name, times in taken.items()}


def describe_machine(packages: Iterable[str]) -> Machine:
    """Describe this machine, this Python, and the relevant packages."""
    facts = _CPU_FACTS.read_text().splitlines() if _CPU_FACTS.exists() else []
    models = [line.partition(":")[2].strip() for line in facts if line.startswith("model name")]
    return Machine(
        processor=models[0] if models else platform.processor(),
        cores=os.cpu_count() or 1,
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        packages={name: version(name) for name in packages},
    )


def _take(way: Callable[[], object], least_seconds: float) -> tuple[float, float]:
    # This way must not pay for the garbage of another one.
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    runs, taken = 0, 0.0
    while runs == 0 or taken < least_seconds:
        way()
        runs += 1
        taken = time.perf_counter() - wall
    return (time.process_time() - cpu) / runs, taken / runs


def _summarize(name: str, times: list[tuple[float, float]]) -> Measured:
    cpu, wall = zip(*times, strict=True)
    return Measured(
        name=name, repetitions=len(times), cpu=_spread(list(cpu)), wall=_spread(list(wall))
    )


def _spread(seconds: list[float]) -> Spread:
    return Spread(median=median(seconds), least=min(seconds), most=max(seconds), turns=seconds)

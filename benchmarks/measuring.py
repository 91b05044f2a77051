"""Measuring ways to do one thing: in one run, alternating, CPU and wall, medians and spread."""

import gc
import os
import platform
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

# What a turn of a quick way lasts, where it is compared with slow ones.
TURN_SECONDS = 0.1
_CPU_FACTS = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Seconds of several repetitions, turn by turn, and the median, least and most of them."""

    median: float
    least: float
    most: float
    turns: Sequence[float]

    def ratio(self, other: "Spread") -> float:
        """How many times the other's seconds these are.

        The median over the turns: a machine that is slow for a while is so for both in a turn.
        """
        return median(mine / its for mine, its in zip(self.turns, other.turns, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one way took; CPU is that of the whole process, so of all its threads."""

    name: str
    repetitions: int
    cpu: Spread
    wall: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where, and with which versions, something was measured."""

    processor: str
    cores: int
    system: str
    python: str
    packages: Mapping[str, str]


def measure(
    ways: Mapping[str, Callable[[], object]], *, repetitions: int, least_seconds: float = 0
) -> dict[str, Measured]:
    """Run every way once unmeasured, then in turns, so that what disturbs one disturbs all.

    Each turn of a way is run over and over until it has lasted `least_seconds`: a machine that is
    slow for some milliseconds would else make a quick way slow, and hardly touch a slow one.
    """
    for way in ways.values():
        way()
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    names = list(ways)
    for turn in range(repetitions):
        # None comes always after the same one: what that left in the caches would count.
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            taken[name].append(_take(ways[name], least_seconds))
    return {name: _summarize(name, times) for name, times in taken.items()}


def describe_machine(packages: Iterable[str]) -> Machine:
    """Describe this machine, this Python, and the packages that matter."""
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
    # What another way has left to be collected is not this one's to pay for.
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

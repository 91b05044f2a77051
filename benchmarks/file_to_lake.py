"""Part g: from a file of JSON events to lake files, with Landfall and with other engines."""

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.encoders import best_name
from benchmarks.engines.runs import PROBES, ROOT, Engine, Sources, Took, run
from benchmarks.results import Bar, Chart, Claim, Section, at_least, table, untried

# Spark's jars are kept in the project's own environment.
PROJECT_PYTHON = str(ROOT / ".venv" / "bin" / "python")
EVENTS, QUICK_EVENTS = 1_000_000, 2_000
ROUNDS, QUICK_ROUNDS = 3, 1
LANDFALL = Engine(
    name="landfall", title=f"Landfall, {best_name()}, to Avro (deflate)", is_quick=True
)
ENGINES = (
    LANDFALL,
    Engine(name="polars", title="polars scan_ndjson, to Parquet (zstandard)", is_quick=True),
    Engine(name="pyarrow", title="pyarrow read_json, to Parquet (snappy)"),
    Engine(name="bytewax", title="bytewax, orjson and fastavro, to Avro (null)"),
    Engine(name="dlt", title="dlt, to Parquet (snappy)"),
    Engine(name="spark", title="Spark local[2], batch, to Avro (snappy)", python=PROJECT_PYTHON),
    Engine(
        name="spark_streaming",
        title="Spark local[2], Structured Streaming, to Avro (snappy)",
        python=PROJECT_PYTHON,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The medians of an engine's runs, and how it treats events that are not good."""

    engine: Engine
    events: int
    start_wall: float
    start_cpu: float
    wall: float
    cpu: float
    bad: str
    torn: str

    @property
    def rate(self) -> float:
        """Events per second of wall time, including the start."""
        return self.events / (self.start_wall + self.wall)

    @property
    def warm_rate(self) -> float:
        """Events per second of wall time, without the start."""
        return self.events / self.wall

    @property
    def cpu_rate(self) -> float:
        """Events per second of CPU time, including the start."""
        return self.events / (self.start_cpu + self.cpu)

    @property
    def warm_cpu_rate(self) -> float:
        """Events per second of CPU time, without the start."""
        return self.events / self.cpu


def section(*, quick: bool) -> Section:
    """Run every engine over the same files, in turns."""
    engines = [engine for engine in ENGINES if _is_wanted(engine, quick=quick)]
    count, rounds = (QUICK_EVENTS, QUICK_ROUNDS) if quick else (EVENTS, ROUNDS)
    with TemporaryDirectory(prefix="landfall-engines-") as folder:
        sources = Sources(Path(folder), count)
        found = _run_all(engines, sources, rounds)
    return Section(
        letter="g",
        title=f"A file of {count:,} events",
        lines=[
            f"Runs of each, in turns and in processes of their own: {rounds}. Bad events are JSON "
            "that breaks the contract; Landfall alone keeps each aside with its reason. In "
            "brackets is the codec: each engine's own default.",
            "",
            "The row `Landfall` is what the service does between its trigger and its lake: "
            "judging, encoding, compressing, and writing the files (`encode_batch`). The trigger, "
            "the ledger and the lake's SDK are not in it. All write to the file system.",
            "",
            *_table(found),
            "",
            *_who_is_ahead(found),
        ],
        claims=_claims(found),
        charts=[_chart(found)],
    )


def _is_wanted(engine: Engine, *, quick: bool) -> bool:
    if quick:
        return engine.is_quick
    return not engine.name.startswith("spark") or _has_spark()


def _has_spark() -> bool:
    code = "from local.spark.session import why_spark_is_missing as w; print(w(), end='')"
    command = [PROJECT_PYTHON, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    if done.stdout:
        print(f"without Spark: {done.stdout}")
    return not done.stdout


def _run_all(engines: Sequence[Engine], sources: Sources, rounds: int) -> list[Figures]:
    runs: dict[str, list[Took]] = {engine.name: [] for engine in engines}
    for _ in range(rounds):
        for engine in engines:
            runs[engine.name].append(_require(engine, run(engine, sources.good)))
    return [_figures(engine, runs[engine.name], sources) for engine in engines]


def _figures(engine: Engine, runs: Sequence[Took], sources: Sources) -> Figures:
    bad, torn = run(engine, sources.bad), run(engine, sources.torn)
    return Figures(
        engine=engine,
        events=runs[0].landed,
        start_wall=median(run.start_wall for run in runs),
        start_cpu=median(run.start_cpu for run in runs),
        wall=median(run.wall for run in runs),
        cpu=median(run.cpu for run in runs),
        bad=STOPS if bad is None else f"{bad.landed - PROBES} of {PROBES} land",
        torn=STOPS if torn is None else f"{torn.landed} of {PROBES} good land",
    )


def _require(engine: Engine, took: Took | None) -> Took:
    if took is None:
        message = f"{engine.name} fails even with good events"
        raise RuntimeError(message)
    return took


def _table(found: Sequence[Figures]) -> list[str]:
    header = (
        "engine",
        "wall s (start)",
        "CPU s (start)",
        "events/s wall (without start)",
        "events/CPU s (without start)",
        "bad events",
        "one torn line",
    )
    return table(header, map(_row, found))


def _row(seen: Figures) -> tuple[str, ...]:
    return (
        seen.engine.title,
        f"{seen.start_wall + seen.wall:.1f} ({seen.start_wall:.1f})",
        f"{seen.start_cpu + seen.cpu:.1f} ({seen.start_cpu:.1f})",
        f"{seen.rate:,.0f} ({seen.warm_rate:,.0f})",
        f"{seen.cpu_rate:,.0f} ({seen.warm_cpu_rate:,.0f})",
        seen.bad,
        seen.torn,
    )


def _who_is_ahead(found: Sequence[Figures]) -> Iterator[str]:
    ours, *others = found
    ahead = [other for other in others if other.warm_rate > ours.warm_rate]
    names = ", ".join(f"{other.engine.title} ({other.warm_rate:,.0f}/s)" for other in ahead)
    yield (
        f"Landfall uses one core, {ours.warm_rate:,.0f} events/s once it runs. On wall time, with "
        f"all cores, {f'ahead of it: {names}.' if ahead else 'none is ahead of it.'}"
    )


def _claims(found: Sequence[Figures]) -> list[Claim]:
    ours, *others = found
    missing = [engine for engine in ENGINES if engine not in {seen.engine for seen in found}]
    best = max(others, key=lambda other: other.cpu_rate)
    warm = max(others, key=lambda other: other.warm_cpu_rate)
    return [
        at_least(
            f"Landfall, events a CPU second, times those of the best that ran, {best.engine.name}",
            ours.cpu_rate / best.cpu_rate,
            1,
        ),
        at_least(
            f"the same without the start, times those of the best that ran, {warm.engine.name}",
            ours.warm_cpu_rate / warm.warm_cpu_rate,
            1,
        ),
        *(
            untried(f"Landfall, events a CPU second, times those of {engine.title}", NOT_RUN)
            for engine in missing
        ),
    ]


def _chart(found: Sequence[Figures]) -> Chart:
    return Chart(
        name="file-to-lake",
        title=f"A file of {found[0].events:,} events, events a CPU second",
        bars=[
            Bar(label=seen.engine.title, value=seen.cpu_rate, is_ours=seen.engine == LANDFALL)
            for seen in found
        ],
    )


STOPS = "stops"
NOT_RUN = "left out by --quick, or not installed here"

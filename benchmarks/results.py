"""The results of a benchmark part: comparisons, claims, and charts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from benchmarks.measuring import Measured

NOT_BUILT = "the native core is not built here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The cost of each way for the same events; rates and ratios use CPU time."""

    title: str
    events: int
    ways: Mapping[str, Measured]

    def rate(self, way: str) -> float:
        """Events per second of CPU time."""
        return self.events / self.ways[way].cpu.median

    def ratio(self, way: str, other: str) -> float:
        """How many times as fast a way is as another."""
        return self.ways[other].cpu.ratio(self.ways[way].cpu)

    def cores(self, way: str) -> float:
        """How many cores a way used: its CPU time divided by its wall time."""
        return self.ways[way].cpu.median / self.ways[way].wall.median

    def row(self, way: str) -> tuple[str, ...]:
        """Its figures, in the order of COLUMNS."""
        cpu, wall = self.ways[way].cpu, self.ways[way].wall
        each = [1e6 * seconds / self.events for seconds in (cpu.median, cpu.least, cpu.most)]
        return (
            f"{each[0]:.2f} ({each[1]:.2f}-{each[2]:.2f})",
            f"{1e6 * wall.median / self.events:.2f}",
            f"{self.rate(way):,.0f}",
        )


COLUMNS = ("µs an event, CPU (least-most)", "wall", "events/s a core")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim and the measured value; `is_met` is None if we could not test it."""

    what: str
    seen: str
    is_met: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of a chart; `is_ours` makes it stand out."""

    label: str
    value: float
    is_ours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Bars with one unit; `name` is the file's name."""

    name: str
    title: str
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part's place in the document: `lines` are Markdown.

    `load` is the average number of processes that wanted to run in the minute before.
    """

    letter: str
    title: str
    lines: Sequence[str]
    claims: Sequence[Claim] = ()
    charts: Sequence[Chart] = ()
    load: float = 0.0


def at_least(what: str, seen: float, bound: float) -> Claim:
    """A claim that a ratio or a rate reaches a bound."""
    words = f"{what} (at least {bound:,g})"
    return Claim(
        what=words, seen=_beside(bound, seen, 0 if seen >= 100 else 2), is_met=seen >= bound
    )


def at_most(what: str, seen: float, bound: float) -> Claim:
    """A claim that a ratio stays below a bound."""
    words = f"{what} (under {bound:,g})"
    return Claim(what=words, seen=_beside(bound, seen, 3), is_met=seen < bound)


def untried(what: str, why: str) -> Claim:
    """A claim that we could not test here."""
    return Claim(what=what, seen=why, is_met=None)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table: the first column is text, the others are figures."""
    marks = ["---", *["---:"] * (len(header) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in (header, marks, *rows)]


def compare(comparison: Comparison, notes: Mapping[str, str] | None = None) -> list[str]:
    """The table of one comparison, with a last column of notes where there are any."""
    rows = [(way, *comparison.row(way)) for way in comparison.ways]
    if notes is None:
        return table((comparison.title, *COLUMNS), rows)
    noted = [(*row, notes.get(row[0], "")) for row in rows]
    return table((comparison.title, *COLUMNS, "lands"), noted)


def _beside(bound: float, seen: float, decimals: int) -> str:
    """Format a number with enough decimals to show on which side of the bound it is."""
    is_below = seen < bound
    shown = next(more for more in count(decimals) if (round(seen, more) < bound) == is_below)
    return f"{seen:,.{shown}f}"

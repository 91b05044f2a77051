"""Part b: from JSON bodies to the blocks that land, uncompressed and without a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from benchmarks.bad_events import CLAIMS as BAD_CLAIMS
from benchmarks.bad_events import SHARES, BadEvents
from benchmarks.encoders import NATIVE, REFERENCE
from benchmarks.json_ways import HAS_MSGSPEC, OBVIOUS, JsonWays, Way, kept, over, split
from benchmarks.measuring import TURN_SECONDS, measure
from benchmarks.readings import CONTRACT, SIZES, Size, events_of, json_bodies
from benchmarks.results import (
    NOT_BUILT,
    Bar,
    Chart,
    Claim,
    Comparison,
    Section,
    at_least,
    compare,
    table,
    untried,
)
from shared.contracts.origin import Origin
from shared.hub.address import GenerationAddress, PartitionAddress
from shared.hub.events import Event

ORIGIN = Origin(
    place=GenerationAddress(
        partition=PartitionAddress(hub="events", partition_id="0"), generation=0
    ),
    batch_id="events/p000/0-9999",
)
EVENTS, QUICK_EVENTS = 10_000, 200
BATCH_SIZES, QUICK_BATCH_SIZES = (100, 1_000, 10_000), (100,)
# The size and the batch size of the ratios.
SIZE, BATCH_SIZE = SIZES[1], 1_000
REPETITIONS, MAIN_REPETITIONS, QUICK_REPETITIONS = 3, 9, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The events that a measurement uses."""

    size: Size
    batch_size: int
    bad_share: Fraction

    def __str__(self) -> str:
        """The title of its table."""
        bad = f"{float(self.bad_share):.0%} bad"
        return f"{self.size} B, batches of {self.batch_size:,}, {bad}"


def section(*, quick: bool) -> Section:
    """Check that the ways land the right bytes, then measure them."""
    batch_sizes = QUICK_BATCH_SIZES if quick else BATCH_SIZES
    ways = JsonWays(CONTRACT, ORIGIN)
    notes = {name: _verdict(ways, name) for name in ways.ways}
    main = Load(
        size=SIZE, batch_size=batch_sizes[-1] if quick else BATCH_SIZE, bad_share=Fraction(0)
    )
    loads = [
        Load(size=size, batch_size=batch_size, bad_share=share)
        for size, batch_size, share in product(SIZES, batch_sizes, SHARES)
    ]
    found = {
        load: _compare(load, ways.ways | ways.floors, MAIN_REPETITIONS, quick=quick)
        if load == main
        else _compare(load, ways.ways, REPETITIONS, quick=quick)
        for load in loads
    }
    bad = BadEvents(ORIGIN, quick=quick) if NATIVE in ways.ways else None
    return Section(
        letter="b",
        title="JSON to landed blocks",
        lines=[
            *compare(found[main], notes),
            "",
            "Events a second of CPU, whatever the size, the batch and the share of bad events:",
            "",
            *_grid(found, list(ways.ways)),
            *(("", *bad.lines()) if bad else ()),
        ],
        claims=_claims(found[main], notes, bad),
        charts=[_chart(found[main], ways)],
    )


def _compare(load: Load, ways: dict[str, Way], repetitions: int, *, quick: bool) -> Comparison:
    events = _events(load, quick=quick)
    runs = over(split(events, load.batch_size), ways)
    measured = measure(
        runs,
        repetitions=QUICK_REPETITIONS if quick else repetitions,
        least_seconds=0 if quick else TURN_SECONDS,
    )
    return Comparison(title=str(load), events=len(events), ways=measured)


def _events(load: Load, *, quick: bool) -> tuple[Event, ...]:
    return events_of(json_bodies(QUICK_EVENTS if quick else EVENTS, load.size, load.bad_share))


def _verdict(ways: JsonWays, name: str) -> str:
    """Whether a way lands the reference's bytes; raises if a way differs on good events."""
    good, bad = (
        events_of(json_bodies(1_000, SIZE, share)) for share in (Fraction(0), Fraction(1, 2))
    )
    reference, way = ways.ways[REFERENCE], ways.ways[name]
    if kept(way(good)) != kept(reference(good)):
        message = f"{name} does not land the bytes that the reference lands of good events"
        raise ValueError(message)
    wanted, landed = kept(reference(bad)), kept(way(bad))
    if landed == wanted:
        return RIGHT
    return f"{landed[1] - wanted[1]} of {len(bad) - wanted[1]} bad events too"


def _claims(main: Comparison, notes: dict[str, str], bad: BadEvents | None) -> Sequence[Claim]:
    whats = ("native, times the obvious way", "native, times the best Python that validates fully")
    costs = [what for what, _ in BAD_CLAIMS]
    if bad is None:
        return [untried(what, NOT_BUILT) for what in (*whats, *costs)]
    right = [name for name, note in notes.items() if note == RIGHT and name != NATIVE]
    best = max(right, key=main.rate)
    return [
        at_least(whats[0], main.ratio(NATIVE, OBVIOUS), 40),
        at_least(f"{whats[1]}: {best}", main.ratio(NATIVE, best), 5)
        if HAS_MSGSPEC
        else untried(whats[1], "msgspec is not installed here"),
        *bad.claims(),
    ]


def _grid(found: dict[Load, Comparison], names: list[str]) -> list[str]:
    rows = [
        (str(load), *(f"{comparison.rate(name):,.0f}" for name in names))
        for load, comparison in found.items()
    ]
    return table(("load", *names), rows)


def _chart(main: Comparison, ways: JsonWays) -> Chart:
    return Chart(
        name="json-to-blocks",
        title=f"JSON to landed blocks, events/s a core ({main.title})",
        bars=[
            Bar(label=name, value=main.rate(name), is_ours=name in ways.ours)
            for name in main.ways
            if "joined" not in name
        ],
    )


RIGHT = "the reference's bytes, good and bad"

"""Part a: from the worker's input to a batch of events."""

from benchmarks.decoding import LIBRARY, OURS, Decoding, run
from benchmarks.results import Bar, Chart, Comparison, Section, at_least, compare

RATIO, RATE = 20, 200_000


def section(*, quick: bool) -> Section:
    """Measure each size of batch."""
    decodings = run(quick=quick).decodings
    found = [_comparison(decoding) for decoding in decodings]
    lines = [line for comparison in found for line in ("", *compare(comparison))]
    chosen = found[len(found) // 2]
    return Section(
        letter="a",
        title="Decoding the trigger",
        lines=lines[1:],
        claims=[
            at_least(
                f"ours, times the library's ({chosen.title})", chosen.ratio(OURS, LIBRARY), RATIO
            ),
            at_least("ours, events/s a core", chosen.rate(OURS), RATE),
        ],
        charts=[
            Chart(
                name="trigger-decoding",
                title=f"Decoding the trigger, events/s a core ({chosen.title})",
                bars=[
                    Bar(label=name, value=chosen.rate(name), is_ours=name == OURS)
                    for name in chosen.ways
                ],
            )
        ],
    )


def _comparison(decoding: Decoding) -> Comparison:
    return Comparison(
        title=f"batches of {decoding.batch_size:,}",
        events=decoding.events,
        ways=decoding.ways,
    )

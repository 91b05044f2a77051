"""Part f: from a hub to committed files, on the local stack."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from benchmarks.encoders import best_name
from benchmarks.results import Bar, Chart, Claim, Section, table, untried
from benchmarks.stack_runs.drain import Drained, drain
from benchmarks.stack_runs.live import Latencies, follow
from benchmarks.stack_runs.shares import RECEIVE
from local.parts import ROOT

PARTITIONS, MAIN = (1, 2, 4, 8), 4
# About a minute's worth for MAIN, and enough for a rate of the others.
EVENTS, MAIN_EVENTS = 150_000, 500_000
LIVE_RATE, LIVE_SECONDS = 1_000, 60
PROFILE_SECONDS = 15
CLAIM = "limited by the SDK's receive: its share of the host's Python time (at least half)"


def section(*, quick: bool) -> Section:
    """Drain full hubs, then follow events that come steadily, then look into the host."""
    title = "End to end on the local stack"
    if quick:
        why = "left out by --quick"
        return Section(letter="f", title=title, lines=[why], claims=[untried(CLAIM, why)])
    logging.getLogger("azure").setLevel(logging.CRITICAL)
    # Where the machine has no Node, set-up put one into the project's environment.
    os.environ["PATH"] += f"{os.pathsep}{Path(ROOT) / '.venv' / 'bin'}"
    drained = [drain(n, MAIN_EVENTS if n == MAIN else EVENTS) for n in PARTITIONS]
    latencies = follow(MAIN, LIVE_RATE, LIVE_SECONDS)
    profiled = drain(MAIN, EVENTS, PROFILE_SECONDS)
    return Section(
        letter="f",
        title=title,
        lines=[
            f"A hub that is full, then a host that lands all of it ({best_name()}); hub, lake, "
            "ledger and host share this machine's cores. `bare receive` is the SDK's client alone, "
            "with the host's settings and no function, on the same hub just before.",
            "",
            *_growth(drained),
            "",
            _latency(latencies),
            "",
            *_profile(profiled),
        ],
        claims=[_claim(profiled)],
        charts=[_chart(drained)],
    )


def _growth(drained: Sequence[Drained]) -> list[str]:
    header = (
        "partitions",
        "events",
        "s",
        "events/s",
        "bare receive, events/s",
        "CPU µs an event: host",
        "bare receive",
        "hub",
        "lake",
        "Azurite",
    )
    return table(header, map(_row, drained))


def _row(seen: Drained) -> tuple[str, ...]:
    count = seen.events + seen.left_out
    parts = [seen.cpu[name] / count for name in ("hub", "lake", "azurite")]
    cpu = [seen.cpu["host"] / count, seen.bare.cpu / count, *parts]
    return (
        str(seen.partitions),
        f"{count:,}",
        f"{seen.seconds:.1f}",
        f"{seen.rate:,.0f}",
        f"{count / seen.bare.seconds:,.0f}",
        *(f"{1e6 * each:.0f}" for each in cpu),
    )


def _latency(seen: Latencies) -> str:
    return (
        f"While {LIVE_RATE:,} events/s come in for {LIVE_SECONDS} s on {MAIN} partitions, from "
        f"enqueued to committed: P50 {seen.p50:.2f} s, P95 {seen.p95:.2f} s, P99 {seen.p99:.2f} s "
        f"({seen.events:,} events; a batch waits for 500 events or 2 s, host.json; the time of a "
        "commit is taken once its files are written)."
    )


def _profile(seen: Drained) -> list[str]:
    rows = [(owner, f"{share:.0%}") for owner, share in seen.shares.items()]
    return [
        f"Who holds the host's interpreter, of {PROFILE_SECONDS} s of a drain (py-spy, samples "
        "with the GIL; the native core works without it):",
        "",
        *table(("whose code", "share"), rows),
    ]


def _claim(seen: Drained) -> Claim:
    share = seen.shares.get(RECEIVE, 0.0)
    return Claim(what=CLAIM, seen=f"{share:.0%}", is_met=share >= 0.5)


def _chart(drained: Sequence[Drained]) -> Chart:
    bars = [
        bar
        for seen in drained
        for bar in (
            Bar(label=f"{seen.partitions} partitions: landed", value=seen.rate, is_ours=True),
            Bar(
                label="the SDK's bare receive",
                value=(seen.events + seen.left_out) / seen.bare.seconds,
            ),
        )
    ]
    return Chart(name="end-to-end", title="End to end, events/s by partitions", bars=bars)

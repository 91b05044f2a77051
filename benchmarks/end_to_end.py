"""Part f: from a hub to committed files, on the local stack."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.encoders import best_name
from benchmarks.results import Bar, Chart, Claim, Section, at_least, table, untried
from benchmarks.stack_runs.drain import HOST, WORKER, Drained, drain
from benchmarks.stack_runs.live import Latencies, follow
from benchmarks.stack_runs.shares import RECEIVE
from local.parts import ROOT

PARTITIONS, MAIN = (1, 2, 4, 8), 4
# About a minute's worth for MAIN, and enough to measure a rate for the others.
EVENTS, MAIN_EVENTS = 150_000, 500_000
# One measurement tells little: the machine may be slow just during one part of it.
MORE_ROUNDS = 4
LIVE_RATE, LIVE_SECONDS = 1_000, 60
PROFILE_SECONDS = 15
CPU_CLAIM = "the bare receive's CPU time an event, of that of the host's process"
SHARE_CLAIM = "the SDK's receive, of the Python time of the host's process (py-spy)"
LANDING_CLAIM = "events/s landed, of those handed to a function that does nothing"


def section(*, quick: bool) -> Section:
    """Drain full hubs, then follow a steady stream of events, then profile the host."""
    title = "End to end on the local stack"
    if quick:
        why = "left out by --quick"
        return Section(letter="f", title=title, lines=[why], claims=_untried(why))
    logging.getLogger("azure").setLevel(logging.CRITICAL)
    # If the machine has no Node, set-up put one into the project's environment.
    os.environ["PATH"] += f"{os.pathsep}{Path(ROOT) / '.venv' / 'bin'}"
    drained = [drain(n, MAIN_EVENTS if n == MAIN else EVENTS) for n in PARTITIONS]
    more = [drain(MAIN, EVENTS) for _ in range(MORE_ROUNDS)]
    rounds = [drained[PARTITIONS.index(MAIN)], *more]
    latencies = follow(MAIN, LIVE_RATE, LIVE_SECONDS)
    profiled = drain(MAIN, EVENTS, PROFILE_SECONDS)
    return Section(
        letter="f",
        title=title,
        lines=[
            f"A hub that is full, then a host that lands all of it ({best_name()}); hub, lake, "
            "ledger, host and worker share this machine's cores. On the same hub just before: "
            "`bare` is the SDK's client alone, with the host's settings; `idle` is the same host "
            "with a function that does nothing with the events (`benchmarks/stack_runs/idle_app`). "
            "No start is in a figure, and a host's rate is that of its first nine tenths: in the "
            "last one events wait, up to 2 s, for a batch to fill.",
            "",
            *_growth(drained),
            "",
            _limit(rounds),
            "",
            _latency(latencies),
            "",
            *_profile(profiled),
        ],
        claims=_claims(rounds, profiled),
        charts=[_chart(drained)],
    )


def _growth(drained: Sequence[Drained]) -> list[str]:
    header = (
        "partitions",
        "events",
        "events/s: bare",
        "idle",
        "landed",
        "CPU µs an event: bare",
        "idle host",
        "Landfall's host",
        "its worker",
        "hub",
        "lake",
        "Azurite",
    )
    return table(header, map(_row, drained))


def _row(seen: Drained) -> tuple[str, ...]:
    others = (seen.cpu[name] for name in (HOST, WORKER, "hub", "lake", "azurite"))
    cpu = (seen.bare.cpu, seen.idle.cpu, *others)
    return (
        str(seen.partitions),
        f"{seen.events:,}",
        *(f"{rate:,.0f}" for rate in (seen.bare.rate, seen.idle.rate, seen.rate)),
        *(f"{1e6 * each:.0f}" for each in cpu),
    )


def _limit(rounds: Sequence[Drained]) -> str:
    """Say how much of the host process's CPU the receive takes, for any measured values."""
    receive = median(seen.receive_share for seen in rounds)
    landed = median(seen.rate / seen.bare.rate for seen in rounds)
    idle = median(seen.idle.rate / seen.bare.rate for seen in rounds)
    host, worker = (
        median(seen.rate * seen.cpu[name] for seen in rounds) for name in (HOST, WORKER)
    )
    return (
        f"What limits, on {MAIN} partitions, as medians of {len(rounds)} rounds of bare, idle and "
        f"landing: the host's process, which receives and hands over, keeps {host:.2f} cores busy, "
        "of one that its interpreter can use; the worker's, which lands what it is handed, "
        f"{worker:.2f}. Of the host's CPU for an event the bare receive takes {receive:.0%}. "
        f"Landfall lands {landed:.0%} of what the bare SDK receives; a function that does nothing "
        f"is handed {idle:.0%} of it."
    )


def _latency(seen: Latencies) -> str:
    return (
        f"While {LIVE_RATE:,} events/s come in for {LIVE_SECONDS} s on {MAIN} partitions, from "
        f"enqueued to committed: P50 {seen.p50:.2f} s, P95 {seen.p95:.2f} s, P99 {seen.p99:.2f} s "
        f"({seen.events:,} events; a batch waits for 2,000 events or 2 s, host.json; `committed` "
        "is the time that is in the commit, taken once its files are written: the ledger's "
        "transaction comes after it, and is not in these times)."
    )


def _profile(seen: Drained) -> list[str]:
    rows = [(owner, f"{share:.0%}") for owner, share in seen.shares.items()]
    return [
        f"Who holds the host's interpreter, of {PROFILE_SECONDS} s of a drain (py-spy, samples "
        "with the GIL; the native core works without it):",
        "",
        *table(("whose code", "share"), rows),
    ]


def _claims(rounds: Sequence[Drained], profiled: Drained) -> list[Claim]:
    return [
        at_least(CPU_CLAIM, median(seen.receive_share for seen in rounds), 0.5),
        at_least(SHARE_CLAIM, profiled.shares.get(RECEIVE, 0.0), 0.5),
        at_least(LANDING_CLAIM, median(seen.rate / seen.idle.rate for seen in rounds), 0.8),
    ]


def _untried(why: str) -> list[Claim]:
    return [untried(what, why) for what in (CPU_CLAIM, SHARE_CLAIM, LANDING_CLAIM)]


def _chart(drained: Sequence[Drained]) -> Chart:
    bars = [
        bar
        for seen in drained
        for bar in (
            Bar(label=f"{seen.partitions} partitions: landed", value=seen.rate, is_ours=True),
            Bar(label="handed to a function that does nothing", value=seen.idle.rate),
            Bar(label="the SDK's bare receive", value=seen.bare.rate),
        )
    ]
    return Chart(name="end-to-end", title="End to end, events/s by partitions", bars=bars)

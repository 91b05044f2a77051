"""The hosts: each lives as planned and is killed, and the next one starts at once."""

import asyncio
import signal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from chaos.checkpoints import Checkpoints
from chaos.host_process import HostProcess, Nursery
from chaos.nursery import CLOCK_SKEW
from chaos.occurrences import Occurrences
from chaos.plan import Life
from chaos.services import Services
from local.parts import ROOT

SECTION = "AzureFunctionsJobHost__extensions__eventHubs__"
SMALLEST_BATCH = 50
RECONCILE = "*/10 * * * * *"


@dataclass(slots=True, kw_only=True)
class Ends:
    """How hosts ended."""

    kills: int = 0
    by_themselves: int = 0


@dataclass(slots=True, kw_only=True)
class HostSurroundings:
    """What the hosts run in; while the gate is closed, no host starts."""

    #: The services that the hosts use.
    services: Services
    #: The process that starts and reaps them.
    nursery: Nursery
    #: The hosts' checkpoints.
    checkpoints: Checkpoints
    #: What happened so far.
    occurrences: Occurrences
    #: The port of the proxy before the ledger.
    ledger_port: int
    #: The app that they run.
    app: Path = ROOT
    #: Settings in addition to the services' own.
    more_settings: Mapping[str, str] = field(default_factory=dict)
    #: While it is closed, no host starts.
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    #: How hosts have ended.
    ends: Ends = field(default_factory=Ends)


class Seat:
    """A place where one host runs after another."""

    def __init__(self, number: int, port: int, around: HostSurroundings) -> None:
        """Start nothing yet."""
        self._number, self._port, self._around = number, port, around
        self._host: HostProcess | None = None
        self._lives = 0
        self._is_retired = False

    async def live(self, lives: Iterator[Life]) -> None:
        """Run one life after another, until retired."""
        for life in lives:
            await self._around.gate.wait()
            if self._is_retired:
                return
            host = await self.start(life)
            if self._is_retired:
                self.kill()
            by_itself = await self._outlive(host, life)
            self._host = None
            self._note_end(await host.reap(), life, by_itself=by_itself)

    async def start(self, life: Life) -> HostProcess:
        """Start a life's host."""
        self._lives += 1
        changed = await self._around.checkpoints.prepare(life.group, life.checkpoint)
        if changed:
            self._around.occurrences.note(life.checkpoint)
        services = self._around.services
        self._host = await self._around.nursery.start_host(
            ("--app", str(self._around.app), "--port", str(self._port)),
            {**services.part("host").environment, **self._settings(life)},
            services.logs / f"host{self._number}.log",
        )
        return self._host

    def retire(self) -> None:
        """Make this life the last, and end it; never leaves a host between start and end."""
        self._is_retired = True
        self.kill()

    def kill(self) -> None:
        """Kill the host that runs here, if there is one."""
        if self._host:
            self._host.signal(signal.SIGKILL)

    async def _outlive(self, host: HostProcess, life: Life) -> bool:
        """Wait until the host ends, or kill it in the end; returns whether it ended by itself."""
        note = self._around.occurrences.note
        if life.clock_skew_seconds:
            note("host's clock set")
        with suppress(TimeoutError):
            async with asyncio.timeout(life.seconds + life.frozen_seconds):
                if life.frozen_after:
                    await self._freeze(host, life.frozen_after, life.frozen_seconds)
                await host.ended()
        if life.slow_point:
            note("host slow between steps")
        by_itself = host.has_ended
        host.signal(signal.SIGKILL)
        return by_itself

    async def _freeze(self, host: HostProcess, after: float, seconds: float) -> None:
        if await host.ends_within(after):
            return
        with self._around.occurrences.during("host frozen"):
            host.signal(signal.SIGSTOP)
            await host.ends_within(seconds)
            host.signal(signal.SIGCONT)

    def _note_end(self, code: int, life: Life, *, by_itself: bool) -> None:
        if code == -signal.SIGKILL:
            self._around.ends.kills += 1
            at = f"at {life.kill_point}" if by_itself and life.kill_point else "at random"
            self._around.occurrences.note(f"host killed {at}")
        else:
            self._around.ends.by_themselves += 1
            self._around.occurrences.note("host ended by itself")

    def _settings(self, life: Life) -> dict[str, str]:
        tables = self._around.services.ports.table
        settings = self._around.services.settings
        return {
            **settings,
            "LANDFALL_LEDGER": settings["LANDFALL_LEDGER"].replace(
                f":{tables}/", f":{self._around.ledger_port}/"
            ),
            "LANDFALL_CONSUMER_GROUP": life.group,
            "LANDFALL_FAULT_POINTS": life.fault_points,
            "LANDFALL_RECONCILE_SCHEDULE": RECONCILE,
            # Each host has its own timers, so none waits for the lease of a killed host.
            "AzureFunctionsWebHost__hostid": f"chaos-{self._number}-{self._lives}",
            "AzureWebJobs.transform.Disabled": "true",
            "AzureWebJobs.dropzone.Disabled": "true",
            f"{SECTION}maxEventBatchSize": str(life.batch_events),
            f"{SECTION}minEventBatchSize": str(min(SMALLEST_BATCH, life.batch_events)),
            f"{SECTION}maxWaitTime": "00:00:01",
            f"{SECTION}loadBalancingUpdateInterval": "00:00:01",
            f"{SECTION}partitionOwnershipExpirationInterval": "00:00:03",
            CLOCK_SKEW: str(life.clock_skew_seconds),
            **self._around.more_settings,
        }

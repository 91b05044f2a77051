"""Hosts as forked processes of the nursery."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from local.parts import ROOT


class Nursery:
    """Forks hosts, and reports how they ended."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None

    async def start_host(
        self, arguments: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> "HostProcess":
        """Start a host; the first start waits until everything is imported."""
        order = {"arguments": arguments, "environment": environment, "log": str(log)}
        return HostProcess(await self._ask({"start": order}), self)

    async def reap(self, pid: int) -> int:
        """Wait for a host's end; returns its exit code, or its negated signal."""
        return await self._ask({"reap": pid})

    async def stop(self) -> None:
        """End the nursery, and every host with it."""
        if self._process and self._process.stdin:
            self._process.stdin.close()
            await self._process.wait()

    async def _ask(self, order: Mapping[str, Any]) -> int:
        async with self._turn:
            if self._process is None:
                self._process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "chaos.nursery"),
                    cwd=ROOT,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                )
            assert self._process.stdin
            assert self._process.stdout
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            return int(await self._process.stdout.readline())


class HostProcess:
    """One host; its pid stays reserved until it is reaped."""

    def __init__(self, pid: int, nursery: Nursery) -> None:
        """Watch the process."""
        self._pid, self._nursery = pid, nursery
        self._descriptor = os.pidfd_open(pid)
        self._ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._descriptor, self._ended.set)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the host and its worker; does nothing if it has ended."""
        with suppress(ProcessLookupError):
            os.killpg(self._pid, number)

    @property
    def has_ended(self) -> bool:
        """Whether it has ended."""
        return self._ended.is_set()

    async def ended(self) -> None:
        """Wait until it has ended."""
        await self._ended.wait()

    async def ends_within(self, seconds: float) -> bool:
        """Wait for at most `seconds`; returns whether it has ended."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), seconds)
        return self.has_ended

    async def reap(self) -> int:
        """Wait until it has ended, and release it; returns its exit code, or its negated signal."""
        await self._ended.wait()
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)
        return await self._nursery.reap(self._pid)

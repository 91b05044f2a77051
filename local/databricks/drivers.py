"""The drivers: one for the current task, and at most one spare for the next."""

import asyncio
import shutil
import uuid
from pathlib import Path

from local.databricks.driver_process import DriverProcess, Launch, start_driver


class Drivers:
    """Starts drivers; ends the spare when no task has used it for a while."""

    def __init__(self, folder: Path, spare_seconds: float) -> None:
        """Remove the files that an earlier runner's drivers left."""
        shutil.rmtree(folder, ignore_errors=True)
        self._folder = folder
        self._spare_seconds = spare_seconds
        self._spare: DriverProcess | None = None
        self._lock = asyncio.Lock()
        self._ending: set[asyncio.Task[None]] = set()

    async def take(self, launch: Launch) -> DriverProcess:
        """Return the spare if it fits the launch, else a new driver."""
        async with self._lock:
            spare, self._spare = self._spare, None
        if spare and spare.is_alive and spare.launch == launch:
            return spare
        if spare:
            await spare.end(0)
        return await start_driver(launch, self._new_folder(), is_spare=False)

    async def keep_spare(self, launch: Launch) -> None:
        """Start a spare for a task that is likely to come."""
        if not self._spare_seconds:
            return
        async with self._lock:
            if self._spare is None:
                spare = await start_driver(launch, self._new_folder(), is_spare=True)
                self._spare = spare
                loop = asyncio.get_running_loop()
                loop.call_later(self._spare_seconds, self._drop, spare)

    @property
    def spare_state(self) -> str:
        """How far the spare is: `none`, `warming` or `warm`."""
        if self._spare is None or not self._spare.is_alive:
            return "none"
        return "warm" if self._spare.is_warm else "warming"

    async def close(self) -> None:
        """End the spare."""
        if self._spare:
            self._drop(self._spare)
        await asyncio.gather(*self._ending)

    def _drop(self, spare: DriverProcess) -> None:
        if spare is not self._spare:
            return
        self._spare = None
        ending = asyncio.create_task(spare.end(0))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    def _new_folder(self) -> Path:
        return self._folder / uuid.uuid4().hex

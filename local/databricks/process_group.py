"""A driver's process group: whatever Spark and the script have started in it."""

import asyncio
import os
import signal

import psutil

from local.databricks.run import DriverId

_POLL_SECONDS = 0.02
_SAME_SECONDS = 1.0


def identify(pid: int) -> DriverId:
    """Note when a process was started, so that a later one with its pid is not taken for it."""
    return DriverId(pid=pid, started_at=psutil.Process(pid).create_time())


def living_members(driver: DriverId) -> list[psutil.Process]:
    """Find the group's processes that have not ended, also where the driver itself has."""
    members = [process for process in psutil.process_iter() if _group(process) == driver.pid]
    if any(_is_another(process, driver) for process in members):
        return []
    return members


async def end_group(driver: DriverId, grace_seconds: float) -> None:
    """Ask the group to end, kill it when its time is over, and return when it is gone."""
    _signal(driver, signal.SIGTERM if grace_seconds else signal.SIGKILL)
    deadline = asyncio.get_running_loop().time() + grace_seconds
    while await asyncio.to_thread(living_members, driver):
        if asyncio.get_running_loop().time() >= deadline:
            _signal(driver, signal.SIGKILL)
        await asyncio.sleep(_POLL_SECONDS)


def _signal(driver: DriverId, number: signal.Signals) -> None:
    if living_members(driver):
        try:
            os.killpg(driver.pid, number)
        except ProcessLookupError:
            return


def _group(process: psutil.Process) -> int:
    """The process's group; 0 for one that has ended, waited for or not."""
    try:
        is_over = process.status() == psutil.STATUS_ZOMBIE
        return 0 if is_over else os.getpgid(process.pid)
    except (psutil.NoSuchProcess, ProcessLookupError):
        return 0


def _is_another(process: psutil.Process, driver: DriverId) -> bool:
    """Say whether a process was there before the driver, or is a later one with its pid."""
    try:
        age: float = process.create_time() - driver.started_at
    except psutil.NoSuchProcess:
        return False
    is_leader = process.pid == driver.pid
    return age < -_SAME_SECONDS or (is_leader and age > _SAME_SECONDS)

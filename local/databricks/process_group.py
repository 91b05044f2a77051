"""A driver's process group: the driver, and the processes that Spark and the script start in it."""

import asyncio
import os
import signal

import psutil

from local.databricks.run import DriverId

_POLL_SECONDS = 0.02
_SAME_SECONDS = 1.0


def identify(pid: int) -> DriverId:
    """Record when a process started, so a later one with its pid is not mistaken for it."""
    return DriverId(pid=pid, started_at=psutil.Process(pid).create_time())


def living_members(driver: DriverId) -> list[psutil.Process]:
    """Find the group's processes that still run, even if the driver itself has ended."""
    members = [process for process in psutil.process_iter() if _group(process) == driver.pid]
    if any(_is_another(process, driver) for process in members):
        return []
    return members


async def end_group(driver: DriverId, grace_seconds: float) -> None:
    """Ask the group to end, kill it after the grace time, and return when it is gone."""
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
    """The process's group; 0 if it has ended, reaped or not."""
    try:
        is_over = process.status() == psutil.STATUS_ZOMBIE
        return 0 if is_over else os.getpgid(process.pid)
    except (psutil.NoSuchProcess, ProcessLookupError):
        return 0


def _is_another(process: psutil.Process, driver: DriverId) -> bool:
    """Say whether the process is older than the driver, or a later one with the same pid."""
    try:
        age: float = process.create_time() - driver.started_at
    except psutil.NoSuchProcess:
        return False
    is_leader = process.pid == driver.pid
    return age < -_SAME_SECONDS or (is_leader and age > _SAME_SECONDS)

"""Locks that allow one change of a path at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

from local.lake.paths import LakePath


class PathLocks:
    """A lock for each path in use, dropped when nobody holds or awaits it."""

    def __init__(self) -> None:
        """Start with no path locked."""
        self._locks: WeakValueDictionary[LakePath, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def holding(self, *paths: LakePath) -> AsyncIterator[None]:
        """Lock the paths, always in the same order, so two renames cannot deadlock."""
        async with AsyncExitStack() as stack:
            for path in sorted(set(paths)):
                await stack.enter_async_context(self._locks.setdefault(path, asyncio.Lock()))
            yield

"""One change of a path at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

from local.lake.paths import LakePath


class PathLocks:
    """A lock for each path in use, forgotten when no one holds or awaits it."""

    def __init__(self) -> None:
        """Start with no path locked."""
        self._locks: WeakValueDictionary[LakePath, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def holding(self, *paths: LakePath) -> AsyncIterator[None]:
        """Hold the paths; always in one order, so that two renames cannot block each other."""
        async with AsyncExitStack() as stack:
            for path in sorted(set(paths)):
                await stack.enter_async_context(self._locks.setdefault(path, asyncio.Lock()))
            yield

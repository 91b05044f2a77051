"""The ids of runs, attempts and jobs: no two have the same, also after a restart."""


class Numbers:
    """Counts on from the highest number that it was shown."""

    def __init__(self) -> None:
        """Start at nothing."""
        self._last = 0

    def next(self) -> int:
        """Give a number that nothing has had."""
        self._last += 1
        return self._last

    def note(self, *used: int) -> None:
        """Never give these."""
        self._last = max(self._last, *used)

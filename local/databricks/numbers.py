"""The ids of runs, attempts and jobs: all are different, even after a restart."""


class Numbers:
    """Counts up from the highest number it has seen."""

    def __init__(self) -> None:
        """Start with no number used."""
        self._last = 0

    def next(self) -> int:
        """Return a number that was never used."""
        self._last += 1
        return self._last

    def note(self, *used: int) -> None:
        """Mark these numbers as used."""
        self._last = max(self._last, *used)

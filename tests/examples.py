"""How many examples a test tries: all in the full profile, a tenth of them in the quick one."""

from hypothesis import settings

FULL, QUICK = 100, 10


def examples(count: int) -> int:
    """So many in full, and at least one; the profile is chosen before tests are imported."""
    return max(1, count * settings.default.max_examples // FULL)

"""Profiles for Hypothesis: `full`, `quick` for what a contributor waits for, and `random`.

`pytest --hypothesis-profile=quick` chooses; without it, it is full. These two draw the same
examples each time; `random` draws as many as `full`, and others each time. A busy machine makes a
test slow, and that is no failure.
"""

import gc

from hypothesis import HealthCheck, settings

from tests.examples import FULL, QUICK

settings.register_profile(
    "full",
    max_examples=FULL,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("quick", settings.get_profile("full"), max_examples=QUICK)
settings.register_profile("random", settings.get_profile("full"), derandomize=False)
settings.load_profile("full")
# What is imported stays: collecting it again and again costs seconds.
gc.disable()


def pytest_collection_finish() -> None:
    """Collect garbage from here on, but never look again at what was imported."""
    gc.freeze()
    gc.enable()

"""The benchmark of the trigger's decoding works, and measuring is fair; no figure is held to."""

from collections import Counter
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from benchmarks import decoding, measuring
from benchmarks.measuring import Spread, measure


@pytest.fixture(autouse=True)
def without_collecting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each turn collects garbage first, which is slow in a process that has all tests loaded."""
    monkeypatch.setattr(measuring, "gc", SimpleNamespace(collect=lambda: 0))


def test_the_quick_benchmark_measures_every_way() -> None:
    report = decoding.run(quick=True)

    (measured,) = report.decodings
    assert set(measured.ways) == {
        decoding.OURS,
        decoding.LIBRARY,
        decoding.WHOLE,
        decoding.FLOOR,
    }
    assert {way.repetitions for way in measured.ways.values()} == {decoding.QUICK_REPETITIONS}
    assert measured.rate(decoding.OURS) > 0
    assert report.machine.packages.keys() == {"azure-functions", "orjson"}


def test_ways_are_measured_in_turns_that_begin_with_another_each_time() -> None:
    calls: list[str] = []

    found = measure({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, repetitions=4)

    assert calls == ["a", "b"] + ["a", "b", "b", "a"] * 2
    assert Counter(calls) == {"a": 5, "b": 5}
    assert (found["a"].repetitions, found["a"].name) == (4, "a")
    assert found["a"].wall.least <= found["a"].wall.median <= found["a"].wall.most


def test_a_quick_way_is_run_over_and_over_for_as_long_as_its_turn_lasts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr(measuring, "time", SimpleNamespace())
    measuring.time.perf_counter = measuring.time.process_time = lambda: now

    def last(seconds: float) -> None:
        nonlocal now
        now += seconds

    ways = {
        "quick": Mock(side_effect=lambda: last(0.25)),
        "slow": Mock(side_effect=lambda: last(2)),
    }
    found = measure(ways, repetitions=3, least_seconds=1)

    assert (ways["quick"].call_count, ways["slow"].call_count) == (1 + 3 * 4, 1 + 3)
    assert (found["quick"].cpu.median, found["slow"].cpu.median) == (0.25, 2)


def test_a_ratio_is_the_median_of_the_turns_so_that_a_slow_spell_does_not_count() -> None:
    usual = Spread(median=1, least=1, most=5, turns=(1, 1, 5))
    twice = Spread(median=5, least=2, most=10, turns=(2, 5, 10))

    assert twice.ratio(usual) == 2

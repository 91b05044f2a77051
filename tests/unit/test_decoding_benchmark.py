"""The benchmark of the trigger's decoding works, and measuring is fair; no figure is held to."""

from collections import Counter

from benchmarks import decoding
from benchmarks.measuring import measure


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

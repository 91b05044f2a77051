"""What is made of samples of a process, and of the times of events."""

from benchmarks.stack_runs.live import summarize
from benchmarks.stack_runs.shares import OTHER, RECEIVE, shares

SITE = "/venv/lib/python3.11/site-packages"
TURN = "BaseEventLoop._run_once (/usr/lib/python3.11/asyncio/base_events.py:5)"
STACKS = f"""\
main (/app/local/host/__main__.py:1);{TURN};receive ({SITE}/azure/eventhub/_pyamqp/_decode.py:9) 5
main (/app/local/host/__main__.py:1);{TURN};_run (/usr/lib/python3.11/asyncio/events.py:8) 1
main (/app/local/host/__main__.py:1);loads (/usr/lib/python3.11/json/decoder.py:3) 2
run (/usr/lib/python3.11/threading.py:1);land (/app/shared/landing.py:7);sha (/usr/x.py:1) 1
run (/usr/lib/python3.11/threading.py:1) 1
a line that py-spy does not write
"""


def test_a_sample_counts_for_whose_code_is_innermost_of_all_that_is_known() -> None:
    assert shares(STACKS) == {
        RECEIVE: 0.5,
        "the local host itself": 0.2,
        "turning the event loops": 0.1,
        "Landfall": 0.1,
        OTHER: 0.1,
    }


def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed() -> None:
    found = summarize([float(number) for number in range(100, 0, -1)])

    assert (found.events, found.p50, found.p95, found.p99) == (100, 50, 95, 99)


def test_percentiles_of_one_event_are_its_own() -> None:
    found = summarize([1.5])

    assert (found.p50, found.p95, found.p99) == (1.5, 1.5, 1.5)

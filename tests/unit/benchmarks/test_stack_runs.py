"""What is made of samples of a process, and of the times of events."""

from itertools import count

import pytest

from benchmarks.stack_runs.drain import Drained
from benchmarks.stack_runs.idle_host import APP
from benchmarks.stack_runs.live import summarize
from benchmarks.stack_runs.shares import OTHER, RECEIVE, shares
from benchmarks.stack_runs.watching import Pace, rate, watch
from local.host.host_json import read_host_json
from tests.root import ROOT

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


def test_the_receive_s_share_is_of_the_host_s_process_and_not_of_its_worker_s() -> None:
    seen = Drained(
        partitions=4,
        events=10,
        rate=50.0,
        cpu={"host": 10.0, "worker": 20.0, "hub": 3.0},
        bare=Pace(rate=100.0, cpu=6.0),
        idle=Pace(rate=80.0, cpu=8.0),
        shares={},
    )

    assert seen.receive_share == 0.6


def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed() -> None:
    found = summarize([float(number) for number in range(100, 0, -1)])

    assert (found.events, found.p50, found.p95, found.p99) == (100, 50, 95, 99)


def test_percentiles_of_one_event_are_its_own() -> None:
    found = summarize([1.5])

    assert (found.p50, found.p95, found.p99) == (1.5, 1.5, 1.5)


def test_the_idle_host_receives_with_the_settings_of_ours() -> None:
    assert read_host_json(APP, {}).event_hubs == read_host_json(ROOT, {}).event_hubs


def test_a_rate_is_from_the_first_batch_without_its_events_until_nine_of_ten_are_handled() -> None:
    batches = [(12.0, 300), (10.0, 1_000), (14.0, 200), (17.0, 90)]

    assert rate(batches) == (300 + 200) / 4


def test_what_is_handled_before_the_first_look_is_in_no_cost() -> None:
    looks, seconds = count(1_000, 1_000), count(7.0, 0.5)

    cost = watch(lambda: next(looks), 2_000, lambda: {"host": next(seconds)})

    assert cost == {"host": 0.5 / 1_000}


def test_a_host_that_has_handled_all_at_the_first_look_has_no_cost_to_tell() -> None:
    with pytest.raises(ValueError, match="before"):
        watch(lambda: 2_000, 2_000, dict)

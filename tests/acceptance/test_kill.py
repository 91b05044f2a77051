from pathlib import Path

from local.account import wait_until_committed
from local.stack import Stack
from tests.acceptance.steps import (
    METEORITES,
    NASA,
    committed_records,
    finish,
    kill,
    start_producer,
    times_seen,
    totals,
    wait_for,
)

EVENTS_BEFORE_THE_KILL = 3000


def test_a_host_killed_in_the_middle_and_started_again_lands_each_event_once(
    stack: Stack,
) -> None:
    arguments, quarantined_count = load()
    with start_producer(stack, *arguments) as producer:
        wait_for(stack, lambda status: totals(status)["landed"] >= EVENTS_BEFORE_THE_KILL)
        kill(stack, "host")
        report = finish(producer, stack)
    started = stack.up()
    status = wait_until_committed(stack, report["sent"])

    landed, quarantined = committed_records(stack)
    assert started == ["host"]
    assert times_seen(landed + quarantined) == {1}
    assert len(landed) + len(quarantined) == report["sent"]
    assert len(quarantined) == totals(status)["quarantined"] == quarantined_count
    assert (totals(status)["missing"], totals(status)["lost"]) == (0, 0)


def load() -> tuple[list[str], int]:
    """NASA's meteorites where they are, else telemetry; and how many of them are bad."""
    if NASA.is_dir():
        return ["--contract", "meteorite_landing", "--file", str(Path(METEORITES))], 1
    return ["--contract", "telemetry", "--count", "30000", "--bad", "0.01"], 300

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil

from local.account import Document, wait_until_committed
from local.parts import ROOT
from local.stack import Stack
from tests.acceptance.steps import kill, produce, totals, wait_for


def test_two_stacks_side_by_side_do_not_see_each_other(
    new_stack: Callable[[str], Stack],
) -> None:
    one, other = new_stack("one"), new_stack("other")

    produce(one, "--contract", "telemetry", "--count", "300")
    produce(other, "--contract", "telemetry", "--count", "200")

    assert totals(wait_until_committed(one, 300))["events"] == 300
    assert totals(wait_until_committed(other, 200))["events"] == 200


def test_a_stack_keeps_its_state_between_starts_and_leaves_no_process(stack: Stack) -> None:
    produce(stack, "--contract", "telemetry", "--count", "100")
    wait_until_committed(stack, 100)
    pids = [part.pid for part in stack.running()]

    stack.down()
    left = [pid for pid in pids if psutil.pid_exists(pid)]
    stack.up()

    assert left == []
    assert totals(wait_until_committed(stack, 100))["landed"] == 100


def test_the_status_is_degraded_while_the_hub_is_down_and_recovers(stack: Stack) -> None:
    produce(stack, "--contract", "telemetry", "--count", "100")
    wait_until_committed(stack, 100)

    kill(stack, "hub")
    degraded = wait_for_state(stack, "degraded")
    stack.up()
    recovered = wait_for_state(stack, "ok")

    assert any(reason.startswith("hub: ") for reason in degraded["reasons"])
    assert totals(degraded)["landed"] == totals(recovered)["landed"] == 100


def test_the_status_is_degraded_while_the_ledger_is_down_and_recovers(stack: Stack) -> None:
    wait_for_state(stack, "ok")

    kill(stack, "azurite")
    degraded = wait_for_state(stack, "degraded")
    stack.up()
    wait_for_state(stack, "ok")

    assert any(reason.startswith("ledger: ") for reason in degraded["reasons"])


def test_the_demo_adds_up_and_stops_everything(tmp_path: Path) -> None:
    data = tmp_path / "demo"

    done = subprocess.run(
        [sys.executable, "-m", "local", "demo", "--count", "2000", "--data", str(data)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["landed", "1,980"] in lines
    assert ["quarantined", "20"] in lines
    assert Stack(data=data, ports=None).running() == []


def wait_for_state(stack: Stack, state: str) -> Document:
    return wait_for(stack, lambda status: status["state"] == state)

"""Ports for stacks that start at the same time, in several processes."""

import subprocess
import sys

from local.parts import ROOT
from local.ports import PORTS_COUNT, find_free_base


def test_a_base_that_one_process_found_is_found_by_no_other_while_it_runs() -> None:
    base = find_free_base()
    find = f"from local.ports import find_free_base; find_free_base({base}, {base + PORTS_COUNT})"

    other = subprocess.run(
        [sys.executable, "-c", find], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert f"OSError: no {PORTS_COUNT} free ports in a row" in other.stderr

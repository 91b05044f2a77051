"""The benchmarks' quick run, to see that all of it works: no time is looked at."""

import subprocess
import sys

from benchmarks.__main__ import PARTS
from benchmarks.document import DOCUMENT
from local.parts import ROOT


def test_the_quick_run_measures_every_part_and_leaves_the_document() -> None:
    before = DOCUMENT.read_bytes()

    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert [line[0] for line in done.stdout.splitlines() if line[1:3] == ". "] == list(PARTS)
    assert DOCUMENT.read_bytes() == before

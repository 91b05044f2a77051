import re
import subprocess
import sys
from pathlib import Path

from local.parts import ROOT

SEED = 1512
SUMMARY = re.compile(
    r"chaos seed 1512: holds: [1-9]\d* kills, [1-9]\d* kinds of faults, 2 hosts, "
    r"[1-9][\d,]* events, 0 duplicates, 0 missing, 0 wrong, [\d,]+ taken before they landed, "
    r"conservation error 0, \d+ s"
)


def test_whatever_is_broken_every_event_lands_once_or_is_known_to_be_lost(tmp_path: Path) -> None:
    """The short form of `make chaos`; the plan is the seed's, the races are not."""
    command = [sys.executable, "-m", "chaos", "--seed", str(SEED), "--minutes", "0.6"]
    command += ["--hosts", "2", "--rate", "300", "--data", str(tmp_path / "chaos")]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert SUMMARY.fullmatch(done.stdout.splitlines()[-1]), done.stdout

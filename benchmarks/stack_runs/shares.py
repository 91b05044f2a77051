"""Where a process spends its Python time: samples of who holds the interpreter, by whose code."""

import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

RECEIVE = "the Event Hubs SDK: receiving, and reading what it received"
# Whose the code of a frame is, by a part of its name and its file's path.
OWNERS: Mapping[str, str] = {
    "/azure/eventhub": RECEIVE,
    "/azure/storage": "the SDKs of lake, ledger and checkpoints",
    "/azure/data": "the SDKs of lake, ledger and checkpoints",
    # Between the tasks, whose ever they are: in its frames the outer ones are the program's start.
    "BaseEventLoop._run_once ": "turning the event loops",
    "/local/host": "the local host itself",
    "/functions/": "Landfall",
    "/shared/": "Landfall",
}
OTHER = "the rest"


def sample(pid: int, seconds: float) -> dict[str, float]:
    """Watch a process with py-spy; returns each owner's share of the samples, the most first."""
    spy = Path(sys.prefix) / "bin" / "py-spy"
    command = [str(spy), "record", "--pid", str(pid), "--duration", str(int(seconds))]
    flags = ["--format", "raw", "--gil", "--nonblocking", "--full-filenames"]
    # A file of its own: to its standard output py-spy writes words of its own, which end in counts.
    with tempfile.NamedTemporaryFile(prefix="landfall-bench-") as file:
        subprocess.run([*command, *flags, "--output", file.name], capture_output=True, check=True)
        return shares(file.read().decode())


def shares(stacks: str) -> dict[str, float]:
    """The shares, of lines `frame;frame;frame count`, the outermost frame first."""
    counted: Counter[str] = Counter()
    for line in stacks.splitlines():
        stack, _, count = line.rpartition(" ")
        if stack and count.isdigit():
            counted[_owner(stack)] += int(count)
    total = counted.total()
    return {owner: count / total for owner, count in counted.most_common()}


def _owner(stack: str) -> str:
    """Whose the innermost frame is that is anybody's: what it calls counts as its own."""
    for frame in reversed(stack.split(";")):
        for part, owner in OWNERS.items():
            if part in frame:
                return owner
    return OTHER

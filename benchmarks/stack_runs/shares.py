"""Where a process spends its Python time: samples the holder of the interpreter, by code owner."""

import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

RECEIVE = "the Event Hubs SDK: receiving, and reading what it received"
# The owner of a frame's code, by a part of the frame's name and its file's path.
OWNERS: Mapping[str, str] = {
    "/azure/eventhub": RECEIVE,
    "/azure/storage": "the SDKs of lake, ledger and checkpoints",
    "/azure/data": "the SDKs of lake, ledger and checkpoints",
    # Time between tasks, of any owner. It would otherwise count for whoever started the loop.
    "BaseEventLoop._run_once ": "turning the event loops",
    "/local/host": "the local host itself",
    "/functions/": "Landfall",
    "/shared/": "Landfall",
}
OTHER = "the rest"


def sample(pid: int, seconds: float) -> dict[str, float]:
    """Watch a process with py-spy; returns each owner's share of the samples, the largest first."""
    spy = Path(sys.prefix) / "bin" / "py-spy"
    command = [str(spy), "record", "--pid", str(pid), "--duration", str(int(seconds))]
    flags = ["--format", "raw", "--gil", "--nonblocking", "--full-filenames"]
    # Use a file: py-spy adds text of its own to its standard output, which also ends in counts.
    with tempfile.NamedTemporaryFile(prefix="landfall-bench-") as file:
        subprocess.run([*command, *flags, "--output", file.name], capture_output=True, check=True)
        return shares(file.read().decode())


def shares(stacks: str) -> dict[str, float]:
    """The shares, from lines `frame;frame;frame count`, the outermost frame first."""
    counted: Counter[str] = Counter()
    for line in stacks.splitlines():
        stack, _, count = line.rpartition(" ")
        if stack and count.isdigit():
            counted[_owner(stack)] += int(count)
    total = counted.total()
    return {owner: count / total for owner, count in counted.most_common()}


def _owner(stack: str) -> str:
    """The owner of the innermost frame that has one: code that it calls counts as its own."""
    for frame in reversed(stack.split(";")):
        for part, owner in OWNERS.items():
            if part in frame:
                return owner
    return OTHER

"""Where a process spends its Python time: samples of who holds the interpreter, by whose code."""

import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

RECEIVE = "the Event Hubs SDK: receiving, and reading what it received"
# Whose the code of a frame is, by a part of its file's path.
OWNERS: Mapping[str, str] = {
    "azure/eventhub": RECEIVE,
    "azure/storage": "the SDKs of lake, ledger and checkpoints",
    "azure/data": "the SDKs of lake, ledger and checkpoints",
    "local/host": "the local host itself",
    "functions/": "Landfall",
    "shared/": "Landfall",
}
OTHER = "the rest"


def sample(pid: int, seconds: float) -> dict[str, float]:
    """Watch a process with py-spy; returns each owner's share of the samples, the most first."""
    spy = Path(sys.prefix) / "bin" / "py-spy"
    command = [str(spy), "record", "--pid", str(pid), "--duration", str(int(seconds))]
    flags = [
        "--format",
        "raw",
        "--output",
        "/dev/stdout",
        "--gil",
        "--nonblocking",
        "--full-filenames",
    ]
    done = subprocess.run([*command, *flags], capture_output=True, text=True, check=True)
    return shares(done.stdout)


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
        for beginning, owner in OWNERS.items():
            if f"/{beginning}" in frame:
                return owner
    return OTHER

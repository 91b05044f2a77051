"""A batch of 10,000 events of 1 KB stays under 100 MB above the idle process (issue 5)."""

import subprocess
import sys

MOST_MEGABYTES = 100
# In a process of its own: a process's peak is of all that it ever did.
LAND_ONE_BATCH = """
import json, random, resource
from shared.encoding.compression import Codec
from tests.builders import a_batch_of, an_event
from tests.landers import a_lander
from tests.memory import MemoryLake, MemoryLedger

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

letters, chance = "".join(map(chr, range(32, 127))), random.Random(7)
notes = ["".join(chance.choices(letters, k=960)) for _ in range(10_010)]
lander = a_lander(MemoryLake(), MemoryLedger())
lander.land(a_batch_of(*(an_event(n) for n in range(10))))
idle = peak()
events = [an_event(n, json.dumps({"id": n, "note": notes[n]}).encode()) for n in range(10, 10_010)]
landing = lander.land(a_batch_of(*events))
assert landing.counts.landed == 10_000, landing
print(peak() - idle)
"""


def test_a_batch_of_ten_megabytes_takes_less_than_a_hundred() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LAND_ONE_BATCH], capture_output=True, text=True, check=True
    )

    assert int(done.stdout) < MOST_MEGABYTES

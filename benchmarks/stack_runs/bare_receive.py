"""How fast the SDK receives if nothing is done with the events: the same client, no function.

`python -m benchmarks.stack_runs.bare_receive COUNT`, with the stack's settings as environment,
prints, as JSON, the seconds and CPU seconds from the first events to the last.
"""

import asyncio
import json
import os
import sys
import time

from azure.eventhub import EventData
from azure.eventhub.aio import EventHubConsumerClient, PartitionContext

from local.host.host_json import read_host_json
from local.host.runtime import collect_seldom
from local.parts import ROOT


async def main(wanted: int) -> None:
    """Receive `wanted` events as the host would, from the hub's beginning."""
    collect_seldom()
    options = read_host_json(ROOT).event_hubs
    client = EventHubConsumerClient.from_connection_string(
        os.environ["LANDFALL_EVENTHUBS"], "$Default", eventhub_name=os.environ["LANDFALL_HUB"]
    )
    seen, marks, is_done = 0, [(0.0, 0.0)], asyncio.Event()

    async def on_batch(_: PartitionContext, events: list[EventData]) -> None:
        nonlocal seen
        if not seen:
            marks[0] = (time.perf_counter(), time.process_time())
        seen += len(events)
        if seen >= wanted:
            marks.append((time.perf_counter(), time.process_time()))
            is_done.set()

    receiving = asyncio.create_task(
        client.receive_batch(
            on_batch,
            max_batch_size=options.max_event_batch_size,
            prefetch=options.prefetch_count,
            starting_position="-1",
        )
    )
    await is_done.wait()
    await client.close()
    await asyncio.wait({receiving})
    (wall, cpu), (wall_end, cpu_end) = marks[0], marks[1]
    print(json.dumps({"seconds": wall_end - wall, "cpu": cpu_end - cpu}))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))

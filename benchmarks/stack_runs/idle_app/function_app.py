"""The idle app: takes undecoded batches as Landfall does, and only counts them."""

import os
import time
from pathlib import Path
from typing import List  # noqa: UP035 - azure-functions 1.26 takes no list[...] here

import azure.functions as func

from functions.event_decoding import decode_batch
from functions.handover import HandedOver, take_whole
from functions.translation import parse_event_batch

COUNTS = Path(os.environ["LANDFALL_IDLE_COUNTS"])
app = func.FunctionApp()


@take_whole(decode_batch, parse_event_batch)
@app.function_name("idle")
@app.event_hub_message_trigger(
    arg_name="events",
    event_hub_name="%LANDFALL_HUB%",
    connection="LANDFALL_EVENTHUBS",
    consumer_group="%LANDFALL_CONSUMER_GROUP%",
    cardinality=func.Cardinality.MANY,
    data_type=func.DataType.BINARY,
)
def idle(events: List[func.EventHubEvent]) -> None:  # noqa: UP006 - see above
    """Write down the time and the number of events."""
    if not isinstance(events, HandedOver):
        message = "the batch was decoded, which would be counted as the host's work"
        raise TypeError(message)
    # One append is one write, so lines of other partitions cannot come in between.
    with COUNTS.open("a") as file:
        file.write(f"{time.time()} {len(events.data.value.bytes)}\n")

"""The app for the ways without a ledger; `LANDFALL_PEER` chooses one."""

import os
from collections.abc import Callable
from typing import List  # noqa: UP035 - azure-functions 1.26 takes no list[...] here

import azure.functions as func

# As in any function app, imports start at the app's own folder.
from ways import WAYS, encode  # type: ignore[import-not-found]

WAY = os.environ["LANDFALL_PEER"]
app = func.FunctionApp()


def retried(function: Callable[..., None]) -> Callable[..., None]:
    """Add the retry policy of Landfall's own function, except for the samples, which have none."""
    if WAY == "sample":
        return function
    retry: Callable[..., None] = app.retry(
        strategy="exponential_backoff",
        max_retry_count="-1",
        minimum_interval="00:00:01",
        maximum_interval="00:00:15",
    )(function)
    return retry


@app.function_name("ingest")
@app.event_hub_message_trigger(
    arg_name="events",
    event_hub_name="%LANDFALL_HUB%",
    connection="LANDFALL_EVENTHUBS",
    consumer_group="%LANDFALL_CONSUMER_GROUP%",
    cardinality=func.Cardinality.MANY,
    data_type=func.DataType.BINARY,
)
@retried
def ingest(events: List[func.EventHubEvent]) -> None:  # noqa: UP006 - see above
    """Land the batch."""
    partition_id = (events[0].metadata or {})["PartitionContext"]["PartitionId"]
    lines = [(event.sequence_number or 0, event.get_body()) for event in events]
    WAYS[WAY](partition_id, lines[0][0], encode(partition_id, lines))

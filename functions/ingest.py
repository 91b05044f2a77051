"""Event Hubs trigger: land a batch of one partition, exactly once."""

from typing import List  # noqa: UP035 - azure-functions 1.26 takes no list[...] here

import azure.functions as func

from functions.app_service import get_service
from functions.event_decoding import decode_batch
from functions.handover import take_whole
from functions.invocation import invocation
from functions.translation import parse_event_batch

blueprint = func.Blueprint()


# The function has this name in Azure too. Its retries never end: once retries are spent, the host
# moves its checkpoint on, even after a failure. The partition must wait instead of losing events.
@take_whole(decode_batch, parse_event_batch)
@blueprint.function_name("ingest")
@blueprint.event_hub_message_trigger(
    arg_name="events",
    event_hub_name="%LANDFALL_HUB%",
    connection="LANDFALL_EVENTHUBS",
    consumer_group="%LANDFALL_CONSUMER_GROUP%",
    cardinality=func.Cardinality.MANY,
    data_type=func.DataType.BINARY,
)
@blueprint.retry(
    strategy="exponential_backoff",
    max_retry_count="-1",
    minimum_interval="00:00:01",
    maximum_interval="00:00:15",
)
def ingest(events: List[func.EventHubEvent], context: func.Context) -> None:  # noqa: UP006 - see above
    """Land the batch; an error makes the host hold the partition and try again."""
    with invocation("ingest", context) as running:
        batch = parse_event_batch(events)
        running.add_ids(
            hub=batch.address.hub,
            partition_id=batch.address.partition_id,
            first=batch.first,
            last=batch.last,
        )
        running.end(get_service().lander.land(batch).outcome)

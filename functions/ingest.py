"""Event Hubs trigger: a batch of one partition is landed, exactly once."""

import logging
from typing import List  # noqa: UP035 - azure-functions 1.26 takes no list[...] here

import azure.functions as func

from functions.event_decoding import decode_batch
from functions.handover import take_whole
from functions.translation import parse_event_batch
from shared.landing.ingestion import ingest_batch
from shared.service import lander

blueprint = func.Blueprint()
logger = logging.getLogger("landfall.ingest")


# The name is the function's in Azure too. Without end, since the host moves its checkpoint on
# once the retries are spent, failed or not: the partition must wait, not lose its events.
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
    """Land the batch; whatever raises makes the host hold the partition and try again."""
    ingest_batch(lander(), parse_event_batch(events), logger, context.invocation_id)

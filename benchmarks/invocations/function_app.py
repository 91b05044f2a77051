"""Landfall's own function, and one like the Azure Functions samples, side by side."""

import json
from datetime import datetime
from io import BytesIO
from typing import List, cast  # noqa: UP035 - azure-functions 1.26 takes no list[...] here
from uuid import uuid4

import azure.functions as func
from fastavro import validate, writer

from benchmarks.invocations.landing_place import PLACE
from benchmarks.readings import SCHEMA
from functions import ingest
from functions.app_service import use_service
from shared.service import Service

# Land in memory: the service's own lander needs settings and a lake.
use_service(cast(Service, PLACE))
app = func.FunctionApp()
app.register_functions(ingest.blueprint)


@app.function_name("plain")
@app.event_hub_message_trigger(
    arg_name="events",
    event_hub_name="%LANDFALL_HUB%",
    connection="LANDFALL_EVENTHUBS",
    cardinality=func.Cardinality.MANY,
    data_type=func.DataType.BINARY,
)
def plain(events: List[func.EventHubEvent]) -> None:  # noqa: UP006 - see above
    """Land the valid events under a random name."""
    records = []
    for event in events:
        record = json.loads(event.get_body())
        record["occurred_at"] = datetime.fromisoformat(record["occurred_at"])
        if validate(record, SCHEMA):
            records.append(record)
    file = BytesIO()
    writer(file, SCHEMA, records)
    PLACE.lake.put_if_absent(f"bronze/{uuid4()}.avro", file.getvalue(), "")

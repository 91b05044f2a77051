"""Landfall's own function, and one as the samples of Azure Functions have it, side by side."""

import json
from datetime import datetime
from io import BytesIO
from typing import List  # noqa: UP035 - azure-functions 1.26 takes no list[...] here
from uuid import uuid4

import azure.functions as func
from fastavro import validate, writer

from benchmarks.invocations.landing_place import PLACE
from benchmarks.readings import SCHEMA
from functions import ingest

# The function's way to its lander is the wiring's, which wants settings and a lake.
vars(ingest)["lander"] = lambda: PLACE.lander
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
    """Land what is valid under a name made up on the spot."""
    records = []
    for event in events:
        record = json.loads(event.get_body())
        record["occurred_at"] = datetime.fromisoformat(record["occurred_at"])
        if validate(record, SCHEMA):
            records.append(record)
    file = BytesIO()
    writer(file, SCHEMA, records)
    PLACE.lake.put_if_absent(f"bronze/{uuid4()}.avro", file.getvalue(), "")

"""Blob trigger: a dropped file becomes a Databricks run."""

import time

import azure.functions as func

from functions.app_service import get_service
from functions.invocation import invocation
from functions.translation import parse_dropped_file
from shared.dropzone.receiving import receive_patiently

blueprint = func.Blueprint()


# One name takes the whole path, so that a file outside the contracts' folders is seen and refused.
@blueprint.function_name("dropzone")
@blueprint.blob_trigger(
    arg_name="blob",
    path="%LANDFALL_DROPZONE_CONTAINER%/{path}",
    connection="LANDFALL_DROPZONE",
)
def dropzone(blob: func.InputStream, context: func.Context) -> None:
    """Take in the file; one that cannot be used is stored as failed, and does not come again."""
    with invocation("dropzone", context) as running:
        file = parse_dropped_file(blob)
        running.add_ids(path=file.path, bytes=len(file.data))
        receipt = receive_patiently(get_service().dropzone, file, time.sleep, running.log)
        running.end(receipt.outcome)

"""Blob trigger: a dropped file becomes a Databricks run."""

import logging
import time

import azure.functions as func

from functions.translation import parse_upload
from shared.dropzone.receiving import receive_upload
from shared.service import dropzone as open_dropzone

blueprint = func.Blueprint()
logger = logging.getLogger("landfall.dropzone")


# The whole path is one name, so that a file beside the contracts' folders is refused and shown.
@blueprint.function_name("dropzone")
@blueprint.blob_trigger(
    arg_name="blob",
    path="%LANDFALL_DROPZONE_CONTAINER%/{path}",
    connection="LANDFALL_DROPZONE",
)
def dropzone(blob: func.InputStream, context: func.Context) -> None:
    """Take in the file; one that cannot be used is kept as failed, and does not come again."""
    receive_upload(open_dropzone(), parse_upload(blob), logger, context.invocation_id, time.sleep)

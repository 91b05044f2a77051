"""The bad rows of dropped files: Spark writes them into one folder per upload."""

from collections.abc import Iterator
from datetime import UTC
from posixpath import basename, splitext

from ops.quarantine.events import QuarantinedEvent, Selection, parse_file
from ops.stack_service import Stores
from shared.transform.work import Work, WorkState

HUB = "dropzone"
EVERY = 1_000_000_000


def read_dropped(stores: Stores, selection: Selection) -> Iterator[QuarantinedEvent]:
    """Read the selected quarantined rows, upload by upload, the newest first."""
    if selection.hub not in (None, HUB) or selection.generation not in (None, 0):
        return
    for work in stores.works.list_recent("upload", EVERY):
        is_meant = selection.partition_id in (None, _upload_id(work))
        if is_meant and work.state is WorkState.SUCCEEDED and work.figures.rows_quarantined:
            for path in stores.lake.list_files(_folder(work)):
                data = stores.lake.read(path) if path.endswith(".avro") else None
                if data:
                    yield from (i for i in parse_file(data, path, 0) if i in selection)


def _upload_id(work: Work) -> str:
    return splitext(basename(work.path))[0]


def _folder(work: Work) -> str:
    """As jobs/dropzone.py names it."""
    at = work.created_at.astimezone(UTC)
    return f"quarantine/dt={at:%Y-%m-%d}/hr={at:%H}/{HUB}-{_upload_id(work)}"

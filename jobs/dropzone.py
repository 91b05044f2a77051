"""Bring a dropped file's good rows to silver and gold, and its bad ones to quarantine.

`dropzone.py --contract NAME/VERSION --file URI --lake URI --upload ID --uploaded-at TIME
--report URI`. A row is an event whose hub is `dropzone`, whose partition is the upload and whose
sequence number is its place in the file, so that running it twice changes nothing.
"""

import argparse
import io
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastavro import schemaless_writer
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.avro.functions import from_avro

from jobs.dropped_rows import DroppedRows, python_row, read_dropped
from jobs.figures import JobFigures
from jobs.gold import run_gold
from jobs.lake_files import write_text
from jobs.silver import merge_silver
from shared.adapters.contract_files import CONTRACTS_FOLDER, load_contracts
from shared.contracts.catalog import CONTRACT_PROPERTY, ContractCatalog
from shared.contracts.contract import Contract
from shared.contracts.origin import Origin
from shared.encoding.judging import RejectedEvent
from shared.encoding.quarantine_record import (
    QUARANTINE_DOCUMENT,
    QUARANTINE_SCHEMA,
    quarantine_record,
)
from shared.encoding.reference_encoder import ReferenceEncoder
from shared.files.rows import make_row_converter
from shared.hub.address import GenerationAddress, PartitionAddress
from shared.hub.events import Event
from shared.values.avro_types import Json
from shared.values.json_body import JSON_CONTENT_TYPE, encode_json
from shared.values.rejection import Rejection

HUB = "dropzone"
# One task reads; judging is the expensive part, so it is spread over several.
JUDGING_TASKS = 8
JUDGED = "accepted binary, rejected binary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What was dropped, and when; the id identifies the content."""

    upload_id: str
    uri: str
    contract: Contract
    uploaded_at: datetime

    @property
    def quarantine_folder(self) -> str:
        """Where its bad rows are kept, below the lake."""
        at = self.uploaded_at.astimezone(UTC)
        return f"quarantine/dt={at:%Y-%m-%d}/hr={at:%H}/{HUB}-{self.upload_id}"


class RowJudge:
    """Judges a row as `ingest` judges the event that the producer would send of it."""

    def __init__(self, upload: Upload, rows: DroppedRows) -> None:
        """Prepare what every row needs; Spark sends it to its workers."""
        self._contract, self._uploaded_at = upload.contract, upload.uploaded_at
        self._encoder = ReferenceEncoder(upload.contract)
        self._convert = make_row_converter(rows.columns, upload.contract, is_text=rows.is_text)
        address = PartitionAddress(hub=HUB, partition_id=upload.upload_id)
        place = GenerationAddress(partition=address, generation=0)
        self._origin = Origin(place=place, batch_id=upload.upload_id)

    def __call__(self, number: int, row: Any) -> tuple[bytes | None, bytes | None]:
        """The accepted record or the rejected one, as Avro."""
        value = self._convert(python_row(row))
        event = Event(
            sequence_number=number,
            enqueued_at=self._uploaded_at,
            body=value if isinstance(value, bytes) else encode_json(value),
            properties={CONTRACT_PROPERTY: str(self._contract.id)},
            content_type=JSON_CONTENT_TYPE,
        )
        encoded = self._encoder.encode([event], self._origin)
        if encoded.blocks:
            return encoded.blocks[0].data, None
        rejected = RejectedEvent(
            event=event, contract=self._contract.id, rejection=encoded.rejections[0]
        )
        return None, _avro(QUARANTINE_SCHEMA, quarantine_record(rejected, self._origin))


def run_dropzone(spark: SparkSession, upload: Upload, lake: str) -> JobFigures:
    """Judge every row, merge the good ones and keep the bad ones aside."""
    began = time.monotonic()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    rows = read_dropped(spark, upload.uri)
    judged = judge_rows(rows, upload)
    rows_quarantined = judged.where("rejected IS NOT NULL").count()
    if rows_quarantined:
        bad = _decode(judged, "rejected", QUARANTINE_DOCUMENT)
        bad.write.format("avro").mode("overwrite").save(f"{lake}/{upload.quarantine_folder}")
    good = _decode(judged, "accepted", dict(upload.contract.landed_document))
    merged = merge_silver(spark, lake, upload.contract.id.name, good)
    return JobFigures(
        rows_in=rows.frame.count(),
        merged=merged,
        rows_quarantined=rows_quarantined,
        seconds=round(time.monotonic() - began, 3),
    )


def judge_rows(rows: DroppedRows, upload: Upload) -> DataFrame:
    """Each row's `accepted` or `rejected` record, as Avro."""
    # Marked non-deterministic so Spark runs the judge once per row.
    judging = f.udf(RowJudge(upload, rows), JUDGED, useArrow=False).asNondeterministic()
    spread = rows.frame.repartition(JUDGING_TASKS)
    return spread.select(judging("number", "row").alias("judged")).select("judged.*")


def _decode(judged: DataFrame, name: str, schema: Json) -> DataFrame:
    records = judged.where(f.col(name).isNotNull())
    decoded = from_avro(name, json.dumps(schema), {"mode": "FAILFAST"})
    return records.select(decoded.alias("record")).select("record.*")


def _avro(schema: Any, record: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    schemaless_writer(buffer, schema, record)
    return buffer.getvalue()


def find_contract(reference: str) -> Contract:
    """Find a contract that was packaged with the jobs; raises LookupError if it was not."""
    contract = ContractCatalog(load_contracts(CONTRACTS_FOLDER)).find(reference)
    if isinstance(contract, Rejection):
        message = f"{contract.detail}: deploy the jobs' wheel anew"
        raise LookupError(message)
    return contract


def main() -> None:
    """Run one upload."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("contract", "file", "lake", "upload", "uploaded-at", "report"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    upload = Upload(
        upload_id=options.upload,
        uri=options.file,
        contract=find_contract(options.contract),
        uploaded_at=datetime.fromisoformat(options.uploaded_at),
    )
    spark = SparkSession.builder.getOrCreate()
    figures = run_dropzone(spark, upload, options.lake)
    run_gold(spark, upload.contract.id.name, options.lake)
    write_text(spark, options.report, figures.report)


if __name__ == "__main__":
    main()

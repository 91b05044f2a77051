"""What Spark, and what `ingest`, makes of each row of a dropped file."""

from datetime import UTC, datetime
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import fastavro
from pyspark.sql import SparkSession

from jobs.dropped_rows import read_dropped
from jobs.dropzone import Upload, judge_rows
from producer.source import file_events
from shared.contracts.catalog import ContractCatalog
from shared.contracts.contract import Contract
from shared.encoding.judging import AcceptedEvent, judge
from shared.encoding.quarantine_record import QUARANTINE_SCHEMA
from shared.hub.events import Event

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def an_upload(path: Path, contract: Contract) -> Upload:
    return Upload(upload_id="u-1", uri=path.as_uri(), contract=contract, uploaded_at=AT)


def judged_by_spark(
    spark: SparkSession, path: Path, contract: Contract
) -> dict[int, tuple[str, dict[str, Any]]]:
    """Every row's number, with its record as Avro has it."""
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    rows = read_dropped(spark, path.as_uri())
    judged = {}
    for row in judge_rows(rows, an_upload(path, contract)).collect():
        kind = "accepted" if row["accepted"] is not None else "rejected"
        schema = contract.landed_schema if kind == "accepted" else QUARANTINE_SCHEMA
        record = decoded(schema, row[kind])
        judged[record["_landfall"]["sequence_number"]] = (kind, without_origin(record))
    return dict(sorted(judged.items()))


def judged_by_ingest(path: Path, contract: Contract) -> dict[int, tuple[str, dict[str, Any]]]:
    """The same of the events that the producer sends, through `judge` alone."""
    judged = {}
    for sent in file_events(contract, path, Fraction(), "json"):
        event = Event(
            sequence_number=sent.index,
            enqueued_at=AT,
            body=sent.body,
            properties={"contract": sent.contract},
            content_type=sent.content_type,
        )
        outcome = judge(event, ContractCatalog([contract]))
        judged[sent.index] = (
            ("accepted", normal(contract, outcome.record))
            if isinstance(outcome, AcceptedEvent)
            else ("rejected", rejection_of(outcome))
        )
    return judged


def normal(contract: Contract, record: dict[str, Any]) -> dict[str, Any]:
    """The record as it is read back from Avro."""
    schema = fastavro.parse_schema(dict(contract.schema))
    return decoded(schema, encoded(schema, record))


def rejection_of(outcome: Any) -> dict[str, Any]:
    return {
        "reason": outcome.rejection.reason.value,
        "path": outcome.rejection.path,
        "detail": outcome.rejection.detail,
        "contract": outcome.asked_for,
        "content_type": outcome.event.content_type,
        "partition_key": None,
        "properties": dict(outcome.event.properties),
        "body": outcome.event.body,
    }


def encoded(schema: Any, record: dict[str, Any]) -> bytes:
    buffer = BytesIO()
    fastavro.schemaless_writer(buffer, schema, record)
    return buffer.getvalue()


def decoded(schema: Any, data: bytes) -> dict[str, Any]:
    return fastavro.schemaless_reader(BytesIO(data), schema)


def without_origin(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "_landfall"}

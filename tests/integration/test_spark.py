"""Real Spark reads what lands, whatever the codec."""

import io
import json
from pathlib import Path
from typing import get_args

import fastavro
import pytest
from pyspark.sql import Row, SparkSession

from local.parts import ROOT
from shared.adapters.contract_files import load_contracts
from shared.contracts.catalog import ContractCatalog
from shared.encoding.compression import Codec, CodecName
from shared.landing.batch_files import EncodedFile, encode_batch
from tests.builders import a_place, an_event
from tests.integration.pipeline import good_telemetry
from tests.integration.spark_fixture import IGNORING_UNCLOSED_SOCKETS

pytestmark = IGNORING_UNCLOSED_SOCKETS
KNOWN = ContractCatalog(load_contracts(ROOT / "contracts"), "telemetry")
GOOD = [
    an_event(n, json.dumps(good_telemetry(reading_number=n, note=None)).encode())
    for n in range(500)
]
BAD = [an_event(500 + n, b"\xff" * n) for n in range(20)]


@pytest.mark.parametrize("codec", get_args(CodecName))
def test_spark_reads_bronze_and_quarantine_files_of_each_codec(
    spark: SparkSession, tmp_path: Path, codec: CodecName
) -> None:
    bronze, quarantine = encode_batch(GOOD + BAD, a_place(), KNOWN, Codec(name=codec)).files

    landed, kept = (read(spark, item, tmp_path) for item in (bronze, quarantine))

    assert [plain(row) for row in landed] == plain_records(bronze)
    assert [bytes(row["body"]) for row in kept] == [event.body for event in BAD]
    assert [row["_landfall"]["sequence_number"] for row in kept] == list(range(500, 520))


def read(spark: SparkSession, item: EncodedFile, folder: Path) -> list[Row]:
    path = folder / Path(item.file.path).name
    path.write_bytes(item.data)
    rows = spark.read.format("avro").load(str(path)).collect()
    return sorted(rows, key=lambda row: row["_landfall"]["sequence_number"])


def plain(row: Row) -> tuple[object, ...]:
    """What must be equal: Spark has no UUIDs and no time zones of its own."""
    return (
        row["event_id"],
        row["reading_number"],
        row["temperature"],
        row["position"]["latitude"],
        row["tags"],
        row["attributes"],
        row["note"],
        row["_landfall"]["sequence_number"],
    )


def plain_records(item: EncodedFile) -> list[tuple[object, ...]]:
    records = fastavro.reader(io.BytesIO(item.data))
    return [plain(Row(**record | {"event_id": str(record["event_id"])})) for record in records]

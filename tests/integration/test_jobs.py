"""The jobs on real Spark and real Delta, over files that landing wrote."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.figures import JobFigures
from jobs.gold import run_gold
from jobs.lake_files import read_text, write_text
from jobs.silver import Manifest, parse_manifest, run_silver
from local.parts import ROOT
from shared.adapters.contract_files import load_contracts
from shared.contracts.catalog import ContractCatalog
from shared.encoding.compression import Codec
from shared.landing.batch_files import EncodedFile, encode_batch
from shared.ledger.batch import LandedFile
from shared.transform.requests import parse_figures
from shared.transform.windows import Window
from shared.transform.work import RunFigures
from tests.builders import a_place, an_event
from tests.every_type import EVERY_JSON, LANDED, every_type
from tests.integration.spark_fixture import IGNORING_UNCLOSED_SOCKETS

pytestmark = IGNORING_UNCLOSED_SOCKETS
KNOWN = ContractCatalog(load_contracts(ROOT / "contracts"))
# As Spark has it: times of day in their unit, a union of several types as a member for each.
IN_SILVER = {
    **LANDED,
    "id": str(LANDED["id"]),
    "at": LANDED["at"].replace(tzinfo=None),
    "at_micros": LANDED["at_micros"].replace(tzinfo=None),
    "opens": 30_600_000,
    "closes": 64_800_000_001,
    "either": {"member0": None, "member1": None, "member2": LANDED["either"], "member3": None},
}
METEORITES = [
    {"name": "A", "id": 1, "mass_g": 10.5, "year": 1951, "recclass": "L5"},
    {"name": "B", "id": 2, "mass_g": 1.0, "year": 1959, "recclass": "L5"},
    {"name": "C", "id": 3, "mass_g": None, "year": 1960, "recclass": "L5"},
    {"name": "D", "id": 4, "mass_g": 2.0, "year": None, "recclass": "H6"},
]


class Lake:
    """A folder with landed files, and manifests of them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.uri = folder, folder.as_uri()

    def land(self, first: int, rows: list[dict[str, Any]]) -> LandedFile:
        events = [
            an_event(
                first + index,
                json.dumps({"nametype": "Valid", "fall": "Fell"} | row).encode(),
                properties={"contract": "meteorite_landing"},
            )
            for index, row in enumerate(rows)
        ]
        (encoded,) = encode_batch(events, a_place(), KNOWN, Codec()).files
        return self.keep(encoded)

    def keep(self, encoded: EncodedFile) -> LandedFile:
        path = self.folder / encoded.file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded.data)
        return encoded.file

    def manifest(self, *files: LandedFile, window_id: str = "w-1") -> Manifest:
        window = Window(window_id=window_id, contract="meteorite_landing/1", files=files)
        return parse_manifest(window.manifest.decode())

    def rows(self, spark: SparkSession, table: str) -> list[dict[str, Any]]:
        frame = spark.read.format("delta").load(f"{self.uri}/{table}")
        return [row.asDict(recursive=True) for row in frame.collect()]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def ids(rows: list[dict[str, Any]]) -> list[int]:
    return sorted(row["id"] for row in rows)


def test_a_window_is_merged_and_running_it_twice_changes_nothing(
    spark: SparkSession, lake: Lake
) -> None:
    manifest = lake.manifest(lake.land(0, METEORITES[:2]), lake.land(2, METEORITES[2:]))

    first = run_silver(spark, manifest, lake.uri)
    before = lake.rows(spark, "silver/meteorite_landing")
    again = run_silver(spark, manifest, lake.uri)

    assert (first.rows_in, first.rows_out, first.merged, first.duplicates) == (4, 4, 4, 0)
    assert (again.rows_in, again.rows_out, again.merged, again.duplicates) == (4, 4, 0, 4)
    assert ids(before) == ids(lake.rows(spark, "silver/meteorite_landing")) == [1, 2, 3, 4]
    assert list(before[0])[-1] == "_landfall"


def test_every_type_reaches_silver_as_it_landed(spark: SparkSession, lake: Lake) -> None:
    event = an_event(body=json.dumps(EVERY_JSON).encode())
    known = ContractCatalog([every_type()], "every_type")
    (encoded,) = encode_batch([event], a_place(), known, Codec()).files
    manifest = lake.manifest(lake.keep(encoded))

    run_silver(spark, replace(manifest, contract="every_type"), lake.uri)
    again = run_silver(spark, replace(manifest, contract="every_type"), lake.uri)

    (row,) = lake.rows(spark, "silver/every_type")
    assert (again.merged, again.duplicates) == (0, 1)
    assert {name: row[name] for name in IN_SILVER} == IN_SILVER


def test_overlapping_windows_bring_each_row_once_and_only_the_named_files_are_read(
    spark: SparkSession, lake: Lake
) -> None:
    one, two = lake.land(0, METEORITES[:2]), lake.land(2, METEORITES[2:3])
    lake.land(3, METEORITES[3:])

    run_silver(spark, lake.manifest(one, window_id="w-1"), lake.uri)
    figures = run_silver(spark, lake.manifest(one, two, window_id="w-2"), lake.uri)

    assert (figures.merged, figures.duplicates) == (1, 2)
    assert ids(lake.rows(spark, "silver/meteorite_landing")) == [1, 2, 3]


def test_files_that_are_not_what_was_committed_fail_the_run(
    spark: SparkSession, lake: Lake
) -> None:
    manifest = replace(lake.manifest(lake.land(0, METEORITES)), records=5)

    with pytest.raises(ValueError, match="w-1: 4 rows read, 5 were committed"):
        run_silver(spark, manifest, lake.uri)


def test_gold_of_meteorites_is_by_decade_and_class(spark: SparkSession, lake: Lake) -> None:
    run_silver(spark, lake.manifest(lake.land(0, METEORITES)), lake.uri)

    (name,) = run_gold(spark, "meteorite_landing", lake.uri)
    run_gold(spark, "meteorite_landing", lake.uri)

    rows = lake.rows(spark, f"gold/{name}")
    found = {(row["decade"], row["recclass"]): (row["meteorites"], row["mass_g"]) for row in rows}
    assert found == {
        (1950, "L5"): (2, 11.5),
        (1960, "L5"): (1, None),
        (None, "H6"): (1, 2.0),
    }


def test_a_contract_without_a_gold_table_ends_well(spark: SparkSession, lake: Lake) -> None:
    assert run_gold(spark, "door_event", lake.uri) == ()


def test_the_report_is_written_over_and_has_what_the_service_reads(
    spark: SparkSession, lake: Lake
) -> None:
    figures = JobFigures(rows_in=5, merged=3, rows_quarantined=1, seconds=0.5)

    write_text(spark, f"{lake.uri}/_landfall/reports/w-1", "the report of a failed try")
    write_text(spark, f"{lake.uri}/_landfall/reports/w-1", figures.report)

    (part,) = (lake.folder / "_landfall" / "reports" / "w-1").glob("part-*")
    counted = parse_figures(json.loads(part.read_text()))
    assert counted == RunFigures(rows_in=5, rows_out=4, rows_quarantined=1)
    assert json.loads(read_text(spark, part.as_uri()))["duplicates"] == 1

"""Real Spark under the Databricks runner: Delta and Avro, a spare driver, cancel and kill."""

import pytest
from databricks.sdk.service.compute import ClusterSpec
from databricks.sdk.service.jobs import RunResultState

from local.spark.session import why_spark_is_missing
from tests.contract.databricks_fixture import (
    IGNORING_THE_SDKS_SOCKETS,
    are_gone,
    running_databricks,
)
from tests.contract.emulator_process import eventually

pytestmark = [
    *IGNORING_THE_SDKS_SOCKETS,
    pytest.mark.skipif(bool(why_spark_is_missing()), reason=why_spark_is_missing()),
]

JOB = """
import sys
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
lake = sys.argv[1]
rows = spark.range(3).selectExpr("id", "id * 2 as twice")
rows.write.format("avro").mode("overwrite").save(f"{lake}/bronze")
bronze = spark.read.format("avro").load(f"{lake}/bronze")
bronze.write.format("delta").mode("append").save(f"{lake}/silver")
print("rows", spark.read.format("delta").load(f"{lake}/silver").count())
"""
OPENING = "from pyspark.sql import SparkSession\nSparkSession.builder.getOrCreate()"
WAITING = """
import time
from pyspark.sql import SparkSession

SparkSession.builder.getOrCreate().range(3).count()
print("opened", flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def databricks(tmp_path_factory):
    with running_databricks(tmp_path_factory.mktemp("spark"), ("--spare-seconds", "60")) as running:
        yield running


def test_a_second_run_finds_spark_open_and_warm(databricks, tmp_path):
    first = databricks.run(JOB, parameters=[str(tmp_path)])
    eventually(lambda: databricks.spare() == "warm")
    spare = set(databricks.family())

    second = databricks.run(JOB, parameters=[str(tmp_path)])

    assert first.state.result_state is second.state.result_state is RunResultState.SUCCESS
    assert databricks.output(first).logs.endswith("rows 3\n")
    assert databricks.output(second).logs.endswith("rows 6\n")
    assert second.run_duration < first.run_duration
    assert are_gone([*spare])


def test_canceling_ends_spark_with_its_script(databricks):
    run_id = databricks.submit(databricks.task(WAITING))
    run = databricks.await_state(run_id, "RUNNING")
    eventually(lambda: databricks.output(run).logs.endswith("opened\n"))
    family = databricks.family()
    names = [process.name() for process in family]

    databricks.client().jobs.cancel_run(run_id)

    assert databricks.ended(run_id).state.result_state is RunResultState.CANCELED
    assert "java" in names
    assert are_gone(family)


def test_a_killed_runner_takes_its_spark_and_its_spare_with_it(databricks):
    run = databricks.run(OPENING)
    eventually(lambda: databricks.spare() == "warming")
    family = databricks.family()

    databricks.emulator.kill()

    eventually(lambda: are_gone(family))
    databricks.emulator.restart()
    assert databricks.client().jobs.get_run(run.run_id).as_dict() == run.as_dict()
    assert databricks.spare() == "none"


def test_spark_settings_of_the_cluster_reach_the_script_and_ours_stay(tmp_path):
    text = """
from pyspark.sql import SparkSession

conf = SparkSession.builder.getOrCreate().conf
print(conf.get("spark.sql.ansi.enabled"), conf.get("spark.master"), conf.get("spark.app.name"))
"""
    settings = {"spark.sql.ansi.enabled": "false", "spark.master": "local[*, 4]"}
    cluster = ClusterSpec(spark_version="17.3.x-scala2.13", num_workers=1, spark_conf=settings)

    with running_databricks(tmp_path) as running:
        run = running.run(text, new_cluster=cluster, existing_cluster_id=None)

        assert running.output(run).logs.splitlines()[-1].startswith("false local[2] ")


def test_a_spare_that_nobody_wants_is_ended(tmp_path):
    with running_databricks(tmp_path, ("--spare-seconds", "0.2")) as running:
        running.run(OPENING)

        eventually(lambda: running.spare() == "none" and not running.family())

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
print("set", spark.conf.get("spark.sql.ansi.enabled"), spark.conf.get("spark.master"))
print("rows", spark.read.format("delta").load(f"{lake}/silver").count())
"""
# The runner keeps a spare after a script that used Spark; to open a session takes a while.
AS_IF_IT_USED_SPARK = "import pyspark\npyspark.SparkContext._gateway = object()"
WAITING = """
import time
from pyspark.sql import SparkSession

SparkSession.builder.getOrCreate().range(3).count()
print("opened", flush=True)
time.sleep(600)
"""
CLUSTER = ClusterSpec(
    spark_version="17.3.x-scala2.13",
    num_workers=1,
    spark_conf={"spark.sql.ansi.enabled": "false", "spark.master": "local[*, 4]"},
)


@pytest.fixture(scope="module")
def databricks(tmp_path_factory):
    with running_databricks(tmp_path_factory.mktemp("spark"), ("--spare-seconds", "60")) as running:
        yield running


@pytest.fixture(scope="module")
def run_job(databricks, tmp_path_factory):
    """Run a job over one lake, on a cluster with settings of its own."""
    lake = str(tmp_path_factory.mktemp("lake"))
    return lambda: databricks.run(
        JOB, parameters=[lake], new_cluster=CLUSTER, existing_cluster_id=None
    )


@pytest.fixture(scope="module")
def first(run_job):
    return run_job()


def test_a_job_reads_and_writes_avro_and_delta(databricks, first):
    assert first.state.result_state is RunResultState.SUCCESS
    assert databricks.output(first).logs.endswith("rows 3\n")


def test_spark_settings_of_the_cluster_reach_the_script_and_ours_stay(databricks, first):
    assert "set false local[2]\n" in databricks.output(first).logs


def test_a_second_run_finds_spark_open_and_warm(databricks, first, run_job):
    eventually(lambda: databricks.spare() == "warm")
    spare = set(databricks.family())

    second = run_job()

    assert second.state.result_state is RunResultState.SUCCESS
    assert databricks.output(second).logs.endswith("rows 6\n")
    assert second.run_duration < first.run_duration
    assert are_gone([*spare])


def test_canceling_ends_spark_with_its_script(databricks):
    run_id = databricks.submit(
        databricks.task(WAITING, new_cluster=CLUSTER, existing_cluster_id=None)
    )
    run = databricks.await_state(run_id, "RUNNING")
    eventually(lambda: databricks.output(run).logs.endswith("opened\n"))
    family = databricks.family()
    names = [process.name() for process in family]

    databricks.client().jobs.cancel_run(run_id)

    assert databricks.ended(run_id).state.result_state is RunResultState.CANCELED
    assert "java" in names
    assert are_gone(family)


def test_a_killed_runner_takes_its_spare_and_the_spares_spark_with_it(tmp_path):
    with running_databricks(tmp_path, ("--spare-seconds", "60")) as running:
        run = running.run(AS_IF_IT_USED_SPARK)
        eventually(lambda: "java" in [process.name() for process in running.family()])
        warming, family = running.spare(), running.family()

        running.emulator.kill()

        eventually(lambda: are_gone(family))
        running.emulator.restart()
        assert warming == "warming"
        assert running.client().jobs.get_run(run.run_id).as_dict() == run.as_dict()
        assert running.spare() == "none"


def test_a_spare_that_nobody_wants_is_ended(tmp_path):
    with running_databricks(tmp_path, ("--spare-seconds", "2")) as running:
        running.run(AS_IF_IT_USED_SPARK)
        eventually(lambda: running.spare() == "warming")

        eventually(lambda: running.spare() == "none" and not running.family())

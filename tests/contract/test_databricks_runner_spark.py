"""Real Spark under the Databricks runner: Delta and Avro, a spare driver, cancel and kill."""

from dataclasses import dataclass

import psutil
import pytest
from databricks.sdk.service.compute import ClusterSpec
from databricks.sdk.service.jobs import Run, RunResultState

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
import time
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
lake = sys.argv[1]
rows = spark.range(3).selectExpr("id", "id * 2 as twice")
rows.write.format("avro").mode("overwrite").save(f"{lake}/bronze")
bronze = spark.read.format("avro").load(f"{lake}/bronze")
bronze.write.format("delta").mode("append").save(f"{lake}/silver")
print("set", spark.conf.get("spark.sql.ansi.enabled"), spark.conf.get("spark.master"))
print("rows", spark.read.format("delta").load(f"{lake}/silver").count(), flush=True)
if "stay" in sys.argv:
    time.sleep(600)
"""
# The runner keeps a spare after a script that used Spark; to open a session takes a while.
AS_IF_IT_USED_SPARK = "import pyspark\npyspark.SparkContext._gateway = object()"
CLUSTER = ClusterSpec(
    spark_version="17.3.x-scala2.13",
    num_workers=1,
    spark_conf={"spark.sql.ansi.enabled": "false", "spark.master": "local[*, 4]"},
)


@pytest.fixture(scope="module")
def databricks(tmp_path_factory):
    options = ("--spare-seconds", "600")  # no spare ends before a busy machine has warmed it up
    with running_databricks(tmp_path_factory.mktemp("spark"), options) as running:
        yield running


@dataclass(frozen=True, slots=True, kw_only=True)
class Canceled:
    """A run that was canceled once it had done its work, and the processes that it had."""

    run: Run
    log: str
    family: list[psutil.Process]
    spark: list[psutil.Process]
    spares_spark: list[psutil.Process]


def java(family):
    return [process for process in family if process.name() == "java"]


@pytest.fixture(scope="module")
def submit_job(databricks, tmp_path_factory):
    """Submit a job over one lake, on a cluster with settings of its own."""
    lake = str(tmp_path_factory.mktemp("lake"))

    def submit(*parameters):
        settings = {"new_cluster": CLUSTER, "existing_cluster_id": None}
        return databricks.submit(databricks.task(JOB, parameters=[lake, *parameters], **settings))

    return submit


@pytest.fixture(scope="module")
def first(databricks, submit_job):
    return databricks.ended(submit_job())


@pytest.fixture(scope="module")
def second(databricks, first, submit_job):
    """Run the job again in the spare that is warm by then, and cancel it."""
    assert first.state.result_state is RunResultState.SUCCESS
    eventually(lambda: databricks.spare() == "warm")
    spares_spark = java(databricks.family())
    run_id = submit_job("stay")
    run = databricks.await_state(run_id, "RUNNING")
    eventually(lambda: databricks.output(run).logs.endswith("rows 6\n"))
    family = databricks.family()
    spark = java(family)
    databricks.client().jobs.cancel_run(run_id)
    run = databricks.ended(run_id)
    return Canceled(
        run=run,
        log=databricks.output(run).logs,
        family=family,
        spark=spark,
        spares_spark=spares_spark,
    )


def test_a_job_reads_and_writes_avro_and_delta(databricks, first):
    assert first.state.result_state is RunResultState.SUCCESS
    assert databricks.output(first).logs.endswith("rows 3\n")


def test_spark_settings_of_the_cluster_reach_the_script_and_ours_stay(databricks, first):
    assert "set false local[2]\n" in databricks.output(first).logs


def test_a_second_run_finds_spark_open_and_warm(second):
    assert second.log.endswith("rows 6\n")
    assert second.spark == second.spares_spark


def test_canceling_ends_spark_with_its_script(second):
    assert second.run.state.result_state is RunResultState.CANCELED
    assert len(second.spark) == 1
    assert are_gone(second.family)


def test_a_killed_runner_takes_its_spare_and_the_spares_spark_with_it(tmp_path):
    with running_databricks(tmp_path, ("--spare-seconds", "600")) as running:
        run = running.run(AS_IF_IT_USED_SPARK)
        eventually(lambda: java(running.family()))
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

"""One real Spark session for all tests that need one."""

from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

from local.spark.session import open_spark, why_spark_is_missing

# pyspark leaves the sockets of `collect`, and the hub's SDK its own, to the garbage collector.
IGNORING_UNCLOSED_SOCKETS = [
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in.*socket:pytest.PytestUnraisableExceptionWarning"
    ),
]


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    if reason := why_spark_is_missing():
        pytest.skip(reason)
    session = open_spark()
    yield session
    session.stop()

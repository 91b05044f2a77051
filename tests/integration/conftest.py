"""The function app on the local stack's services, without a host: invoked as the worker does."""

from collections.abc import Iterator

import pytest

from local.ports import find_free_base, ports_from
from local.stack import Stack
from tests.integration.pipeline import Pipeline, serving
from tests.integration.spark_fixture import spark
from tests.integration.worker_environment import worker_python

__all__ = ["spark", "worker_python"]


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(data=tmp_path_factory.mktemp("stack"), ports=ports_from(find_free_base()))
    try:
        stack.up(("events:1",), with_host=False)
        yield stack
    finally:
        stack.down()


@pytest.fixture(scope="session")
def pipeline_on_services(services: Stack, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    return Pipeline(services, tmp_path_factory.mktemp("contracts") / "contracts")


@pytest.fixture
def pipeline(pipeline_on_services: Pipeline) -> Iterator[Pipeline]:
    with serving(pipeline_on_services.new_service()):
        yield pipeline_on_services

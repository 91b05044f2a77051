"""Whole stacks, as a user starts them, in folders of their own."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.ports import find_free_base, ports_from
from local.spark.session import why_spark_is_missing
from local.stack import Stack
from tests.integration.spark_fixture import spark

__all__ = ["spark"]


@pytest.fixture
def new_stack(tmp_path: Path) -> Iterator[Callable[[str], Stack]]:
    started: list[Stack] = []

    def start(name: str) -> Stack:
        stack = Stack(data=tmp_path / name, ports=ports_from(find_free_base()))
        started.append(stack)
        stack.up()
        return stack

    yield start
    for stack in started:
        stack.down()


@pytest.fixture
def stack(new_stack: Callable[[str], Stack], monkeypatch: pytest.MonkeyPatch) -> Stack:
    """A stack that ends at bronze, since nothing is given to Databricks before next year."""
    monkeypatch.setenv("LANDFALL_TRANSFORM_SCHEDULE", "0 0 0 1 1 *")
    return new_stack("stack")


@pytest.fixture(scope="module")
def whole_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that goes on to silver and gold, for all tests of a module."""
    if reason := why_spark_is_missing():
        pytest.skip(reason)
    stack = Stack(data=tmp_path_factory.mktemp("whole"), ports=ports_from(find_free_base()))
    try:
        stack.up()
        yield stack
    finally:
        stack.down()


@pytest.fixture
def clear_faults(whole_stack: Stack) -> Iterator[Callable[[], None]]:
    """Clears the faults of the Databricks runner, also after the test."""

    def clear() -> None:
        _control(whole_stack, "DELETE")

    yield clear
    clear()


@pytest.fixture
def faults(whole_stack: Stack, clear_faults: Callable[[], None]) -> Callable[..., None]:  # noqa: ARG001 - clears them afterwards
    """Sets a fault of the Databricks runner."""
    return lambda **fault: _control(whole_stack, "POST", json.dumps(fault).encode())


def _control(stack: Stack, method: str, body: bytes | None = None) -> None:
    url = f"http://127.0.0.1:{stack.ports.databricks_control}/faults"
    urllib.request.urlopen(urllib.request.Request(url, body, method=method), timeout=10).close()

"""Whole stacks, as a user starts them, in folders of their own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.ports import find_free_base, ports_from
from local.stack import Stack


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
def stack(new_stack: Callable[[str], Stack]) -> Stack:
    return new_stack("stack")

import logging
from collections.abc import Iterator

import pytest

from functions.app_service import use_service
from tests.unit.functions.memory_service import MemoryService


@pytest.fixture
def service() -> Iterator[MemoryService]:
    made = MemoryService()
    use_service(made)
    yield made
    use_service(None)


@pytest.fixture(autouse=True)
def every_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "landfall")

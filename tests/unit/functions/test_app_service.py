from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.app_service import get_service, read_status, use_service
from shared.errors import MisconfiguredError
from tests.unit.functions.memory_service import SETTINGS, MemoryService, set_environment


@pytest.fixture(autouse=True)
def cold() -> Iterator[None]:
    use_service(None)
    yield
    use_service(None)


def test_the_service_is_made_once_of_the_environments_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_environment(monkeypatch, SETTINGS | {"LANDFALL_HUB": "mine"})

    with ThreadPoolExecutor(8) as pool:
        services = {id(made) for made in pool.map(lambda _: get_service(), range(40))}

    assert len(services) == 1
    assert get_service().settings.hub == "mine"


def test_settings_that_are_put_right_are_read_by_the_next_invocation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_environment(monkeypatch, {})
    with pytest.raises(MisconfiguredError, match="LANDFALL_HUB is not set"):
        get_service()
    set_environment(monkeypatch, SETTINGS)

    assert get_service().settings.hub == "hub"


def test_the_service_that_is_given_is_the_one_that_is_used() -> None:
    given = MemoryService()

    use_service(given)

    assert get_service() is given


def test_a_configuration_that_cannot_work_makes_the_status_failing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_environment(monkeypatch, {})

    status = read_status()

    assert status.state == "failing"
    assert status.reasons[0].startswith("configuration: ")

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from shared.errors import MisconfiguredError
from shared.service import Service, part
from shared.settings import Settings, read_settings
from tests.builders import a_time

NOWHERE = {
    "LANDFALL_HUB": "events",
    "LANDFALL_EVENTHUBS": (
        "Endpoint=sb://127.0.0.1:9;SharedAccessKeyName=n;SharedAccessKey=YQ==;"
        "UseDevelopmentEmulator=true"
    ),
    "LANDFALL_LAKE": (
        "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;"
        "BlobEndpoint=http://127.0.0.1:9/a;DfsEndpoint=http://127.0.0.1:9/a"
    ),
    "LANDFALL_LEDGER": (
        "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;"
        "TableEndpoint=http://127.0.0.1:9/a"
    ),
}
WORKSPACE = {
    "LANDFALL_DATABRICKS_HOST": "http://127.0.0.1:9",
    "LANDFALL_DATABRICKS_TOKEN": "t",
    "LANDFALL_JOBS_ROOT": "/jobs",
    "LANDFALL_LAKE_URI": "abfss://lake",
}
THREADS = 8
SCHEMA = '{"type": "record", "name": "simple", "fields": [{"name": "id", "type": "long"}]}'


def the_settings(**changes: str) -> Settings:
    return read_settings({**NOWHERE, **changes})


class Counting(Service):
    """A service with parts that count how often they are made."""

    def __init__(self) -> None:
        super().__init__(the_settings(), a_time)
        self.made, self.fails = 0, False

    @part
    def engine(self) -> object:
        """What something runs on."""
        self.made += 1
        if self.fails:
            message = "no fuel"
            raise MisconfiguredError(message)
        return object()

    @part
    def car(self) -> list[object]:
        """What is made of another part."""
        return [self.engine]


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("it opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_a_part_is_made_when_it_is_asked_for_and_once() -> None:
    service = Counting()
    before = service.made

    parts = {id(service.engine) for _ in range(3)}

    assert (before, service.made, len(parts)) == (0, 1, 1)
    assert service.car == [service.engine]


def test_a_part_that_many_threads_ask_for_at_once_is_made_once() -> None:
    service, begin = Counting(), Barrier(THREADS)

    def ask(_: int) -> object:
        begin.wait()
        return service.car[0]

    with ThreadPoolExecutor(THREADS) as pool:
        parts = set(pool.map(ask, range(THREADS)))

    assert (service.made, parts) == (1, {service.engine})


def test_a_part_that_could_not_be_made_is_tried_again() -> None:
    service = Counting()
    service.fails = True
    with pytest.raises(MisconfiguredError, match="no fuel"):
        _ = service.car
    service.fails = False

    assert service.car == [service.engine]
    assert service.made == 2


def test_each_service_has_parts_of_its_own() -> None:
    assert Counting().engine is not Counting().engine


def test_a_part_of_the_class_says_what_it_is() -> None:
    assert Service.lander.__doc__ == "What lands batches."


@pytest.mark.usefixtures("no_network")
def test_a_service_and_all_its_parts_are_made_without_asking_anybody() -> None:
    service = Service(the_settings(**WORKSPACE))
    parts = [name for name, value in vars(Service).items() if isinstance(value, part)]

    made = {name: getattr(service, name) for name in parts}

    assert {"lander", "reconciler", "transformer", "dropzone", "status_reader"} <= made.keys()
    assert all(made.values())


def test_making_a_service_reads_no_contract(tmp_path: Path) -> None:
    service = Service(the_settings(), contracts_folder=tmp_path / "contracts")
    folder = tmp_path / "contracts" / "simple"
    folder.mkdir(parents=True)
    (folder / "1.avsc").write_text(SCHEMA)

    assert [str(contract.id) for contract in service.contracts] == ["simple/1"]


def test_contracts_that_are_put_right_are_loaded_without_a_restart(tmp_path: Path) -> None:
    service = Service(the_settings(), contracts_folder=tmp_path)
    with pytest.raises(MisconfiguredError, match="no contract below"):
        _ = service.lander
    (tmp_path / "simple").mkdir()
    (tmp_path / "simple" / "1.avsc").write_text(SCHEMA)

    assert service.lander is service.lander


def test_without_a_workspace_nothing_is_submitted_and_the_tick_says_so() -> None:
    service = Service(the_settings(), a_time)

    assert service.transformer is None
    assert service.tick_transform().problem == "no Databricks workspace is set"

import hashlib
import logging
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from azure.core import MatchConditions

from shared.adapters.lake import DataLake, open_lake
from shared.contracts.contract import Contract
from shared.errors import DependencyUnavailableError, LakeConflictError
from shared.hub.events import EventBatch
from shared.lake import Lake
from shared.landing.lander import MOST_WRITES_AT_ONCE
from shared.settings import Endpoint
from tests.builders import a_batch, a_contract, an_address, an_event, contracts
from tests.contract.lake_fixture import RunningLake
from tests.landers import a_lander
from tests.memory import MemoryHub, MemoryLake, MemoryLedger

CONNECTIONS = "urllib3.connectionpool"

PATH = "bronze/telemetry/v=1/dt=2026-01-01/hr=05/hub-p000.avro"
DATA = b"Obj\x01" + bytes(range(256)) * 500
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def file_system(gateway: RunningLake) -> Iterator[str]:
    yield f"fs-{uuid.uuid4().hex}"
    gateway.emulator.clear_faults()


@pytest.fixture
def data_lake(gateway: RunningLake, file_system: str) -> DataLake:
    endpoint = Endpoint(value=gateway.connection_string, is_connection_string=True)
    return open_lake(endpoint, file_system, credential=None)


@pytest.fixture(params=["memory", "gateway"])
def lake(request: pytest.FixtureRequest) -> Lake:
    return MemoryLake() if request.param == "memory" else request.getfixturevalue("data_lake")


def test_a_file_is_written_whole_and_read_back(lake: Lake) -> None:
    lake.put_if_absent(PATH, DATA, SHA256)

    assert lake.read(PATH) == DATA


def test_a_file_that_is_not_there_reads_as_none(lake: Lake) -> None:
    assert lake.read(PATH) is None


def test_a_folders_own_files_are_listed(lake: Lake) -> None:
    for path in ("reports/w-1/part-1", "reports/w-1/deep/part-0", "reports/w-1/a", "reports/w-10"):
        lake.put_if_absent(path, DATA, SHA256)

    assert list(lake.list_files("reports/w-1")) == ["reports/w-1/a", "reports/w-1/part-1"]


def test_a_folder_that_is_not_there_has_no_files(lake: Lake) -> None:
    assert list(lake.list_files("reports/w-2")) == []


def test_a_folders_own_folders_are_listed(lake: Lake) -> None:
    for path in ("bronze/t/v=1/a", "bronze/t/v=2/dt=1/b", "bronze/t/notes", "bronze/u/v=3/c"):
        lake.put_if_absent(path, DATA, SHA256)

    assert list(lake.list_folders("bronze/t")) == ["bronze/t/v=1", "bronze/t/v=2"]
    assert list(lake.list_folders("nowhere")) == []


def test_a_file_is_removed_and_one_that_is_not_there_is_removed_already(lake: Lake) -> None:
    lake.put_if_absent(PATH, DATA, SHA256)

    lake.delete(PATH)
    lake.delete(PATH)

    assert lake.read(PATH) is None


def test_the_same_file_again_is_success(lake: Lake) -> None:
    lake.put_if_absent(PATH, DATA, SHA256)

    lake.put_if_absent(PATH, DATA, SHA256)

    assert lake.read(PATH) == DATA


def test_other_bytes_under_the_name_are_a_conflict_and_stay(lake: Lake) -> None:
    lake.put_if_absent(PATH, b"other", hashlib.sha256(b"other").hexdigest())

    with pytest.raises(LakeConflictError, match=r"hub-p000.avro holds other bytes"):
        lake.put_if_absent(PATH, DATA, SHA256)

    assert lake.read(PATH) == b"other"


def test_a_file_that_a_killed_try_left_empty_is_finished(
    data_lake: DataLake, gateway: RunningLake, file_system: str
) -> None:
    client = gateway.service().create_file_system(file_system).get_file_client(PATH)
    client.create_file(metadata={"sha256": SHA256}, match_condition=MatchConditions.IfMissing)

    data_lake.put_if_absent(PATH, DATA, SHA256)

    assert data_lake.read(PATH) == DATA


def test_a_file_that_a_killed_try_left_appended_but_not_flushed_is_finished(
    data_lake: DataLake, gateway: RunningLake, file_system: str
) -> None:
    client = gateway.service().create_file_system(file_system).get_file_client(PATH)
    client.create_file(metadata={"sha256": SHA256}, match_condition=MatchConditions.IfMissing)
    client.append_data(DATA, 0, len(DATA))

    data_lake.put_if_absent(PATH, DATA, SHA256)

    assert data_lake.read(PATH) == DATA


def test_a_missing_file_system_is_made(
    data_lake: DataLake, gateway: RunningLake, file_system: str
) -> None:
    before = gateway.service().get_file_system_client(file_system).exists()

    data_lake.put_if_absent(PATH, DATA, SHA256)

    assert not before
    assert gateway.service().get_file_system_client(file_system).exists()


@pytest.mark.usefixtures("without_waits")
@pytest.mark.parametrize("operation", ["create_file", "append", "flush"])
@pytest.mark.parametrize("kind", ["unavailable", "reply_lost"])
def test_a_fault_that_passes_is_gone_through(
    data_lake: DataLake, gateway: RunningLake, operation: str, kind: str
) -> None:
    data_lake.put_if_absent("warm", b"up", hashlib.sha256(b"up").hexdigest())
    gateway.emulator.set_fault(kind=kind, operation=operation, count=1)

    data_lake.put_if_absent(PATH, DATA, SHA256)

    assert data_lake.read(PATH) == DATA


def test_a_warm_batch_asks_the_lake_to_create_append_and_flush_each_file_and_no_more(
    data_lake: DataLake, caplog: pytest.LogCaptureFixture
) -> None:
    lander = a_lander(data_lake, MemoryLedger())
    lander.land(a_batch(0, 4))
    caplog.set_level(logging.DEBUG, CONNECTIONS)

    lander.land(a_batch(5, 9))

    assert [record.args[3] for record in caplog.records] == ["PUT", "PATCH", "PATCH"]


def test_partitions_that_land_at_once_reuse_their_connections(
    data_lake: DataLake, caplog: pytest.LogCaptureFixture
) -> None:
    partitions = [str(number) for number in range(6)]
    known = [a_contract(name=name) for name in ("one", "two", "three")]
    hub = MemoryHub(partitions=dict.fromkeys(partitions, (0, -1)))
    lander = a_lander(data_lake, MemoryLedger(), hub, contracts(*known, default="one"))
    caplog.set_level(logging.DEBUG, CONNECTIONS)

    with ThreadPoolExecutor(len(partitions)) as invocations:
        for first in range(0, 12, 4):
            batches = [of_every_contract(partition_id, first, known) for partition_id in partitions]
            list(invocations.map(lander.land, batches))

    told = [record.getMessage() for record in caplog.records]
    opened = [line for line in told if line.startswith("Starting new HTTP connection")]
    assert 0 < len(opened) <= MOST_WRITES_AT_ONCE
    assert not [line for line in told if "pool is full" in line]


def of_every_contract(partition_id: str, first: int, known: Sequence[Contract]) -> EventBatch:
    """An event of each contract and a bad one: as many files."""
    good = [
        an_event(number, properties={"contract": contract.id.name})
        for number, contract in enumerate(known, start=first)
    ]
    events = (*good, an_event(first + len(known), b"?"))
    return EventBatch(address=an_address(partition_id), events=events)


@pytest.mark.usefixtures("without_waits")
def test_a_lake_that_stays_away_is_unavailable_and_says_which_file(
    data_lake: DataLake, gateway: RunningLake
) -> None:
    gateway.emulator.set_fault(kind="unavailable", count=100)

    with pytest.raises(DependencyUnavailableError, match="did not take bronze/telemetry"):
        data_lake.put_if_absent(PATH, DATA, SHA256)

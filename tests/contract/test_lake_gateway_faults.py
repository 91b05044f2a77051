"""Faults that the control endpoint sets, as the SDK meets them."""

import pytest
from azure.core.exceptions import (
    HttpResponseError,
    ResourceExistsError,
    ServiceRequestError,
    ServiceResponseError,
)

from tests.contract.lake_fixture import FILESYSTEM

LOST = (ServiceResponseError, ServiceRequestError)


def names(paths):
    return [path.name for path in paths]


def test_health_says_what_is_served(lake):
    status, answer = lake.emulator.control("GET", "/health")

    assert (status, answer["status"], answer["port"]) == (200, "ok", lake.port)
    assert FILESYSTEM in answer["filesystems"]


def test_unavailable_is_answered_before_anything_is_done(lake, filesystem):
    lake.emulator.set_fault(kind="unavailable", count=1)

    with pytest.raises(HttpResponseError) as refused:
        filesystem.create_file("x")

    assert (refused.value.status_code, refused.value.error_code) == (503, "ServerBusy")
    assert not filesystem.get_file_client("x").exists()


@pytest.mark.usefixtures("without_waits")
def test_unavailable_passes_where_the_client_tries_again(lake, filesystem):
    service = lake.service(retry_total=3, initial_backoff=0, increment_base=0)
    client = service.get_file_system_client(filesystem.file_system_name)
    lake.emulator.set_fault(kind="unavailable", count=2, method="PUT")

    client.create_file("x")

    assert lake.emulator.faults()[0]["fired"] == 2
    assert client.get_file_client("x").exists()


def test_a_timeout_does_nothing_and_says_so_late(lake, filesystem):
    lake.emulator.set_fault(kind="timeout", seconds=0.05)

    with pytest.raises(HttpResponseError) as refused:
        filesystem.create_file("x")

    assert (refused.value.status_code, refused.value.error_code) == (500, "OperationTimedOut")
    assert not filesystem.get_file_client("x").exists()


def test_a_timeout_can_end_in_a_cut_connection(lake, filesystem):
    lake.emulator.set_fault(kind="timeout", seconds=0.05, close=True)

    with pytest.raises(LOST):
        filesystem.create_file("x")

    assert not filesystem.get_file_client("x").exists()


def test_a_timeout_outlasts_the_patience_of_the_client(lake, filesystem):
    service = lake.service(read_timeout=0.1)
    client = service.get_file_system_client(filesystem.file_system_name)
    lake.emulator.set_fault(kind="timeout", seconds=2)

    with pytest.raises(LOST):
        client.create_file("x")

    assert not filesystem.get_file_client("x").exists()


def test_a_lost_reply_leaves_the_write_done(lake, filesystem):
    client = filesystem.create_file("x")
    client.append_data(b"landed", 0)
    lake.emulator.set_fault(kind="reply_lost", operation="flush")

    with pytest.raises(LOST):
        client.flush_data(6)

    assert client.download_file().readall() == b"landed"


def test_a_lost_reply_to_a_create_makes_the_second_try_find_its_own_file(lake, filesystem):
    lake.emulator.set_fault(kind="reply_lost", operation="create_file")

    with pytest.raises(LOST):
        filesystem.create_file("x", if_none_match="*")
    with pytest.raises(ResourceExistsError, match="PathAlreadyExists"):
        filesystem.create_file("x", if_none_match="*")


def test_a_lost_reply_is_for_writes_alone(lake, filesystem):
    client = filesystem.create_file("x")
    lake.emulator.set_fault(kind="reply_lost")

    client.get_file_properties()

    assert lake.emulator.faults()[0]["fired"] == 0


def test_a_delay_ends_in_the_right_answer(lake, filesystem):
    lake.emulator.set_fault(kind="delay", seconds=0.05)

    filesystem.create_file("x")

    assert filesystem.get_file_client("x").exists()
    assert lake.emulator.faults()[0]["fired"] == 1


def test_a_stale_listing_shows_what_was_there_when_it_was_set(lake, filesystem):
    filesystem.create_file("a/kept")
    filesystem.create_file("a/gone")
    lake.emulator.set_fault(kind="stale_listing", count=3)
    filesystem.delete_file("a/gone")
    filesystem.create_file("b/new")

    stale = names(filesystem.get_paths())
    stale_flat = names(filesystem.get_paths(recursive=False))
    stale_below = names(filesystem.get_paths("a"))

    assert (stale, stale_flat) == (["a", "a/gone", "a/kept"], ["a"])
    assert stale_below == ["a/gone", "a/kept"]
    assert names(filesystem.get_paths()) == ["a", "a/kept", "b", "b/new"]


def test_a_fault_hits_only_what_it_is_for(lake, filesystem):
    name = filesystem.file_system_name
    lake.emulator.set_fault(kind="unavailable", method="PUT", path=f"/{name}/bronze/dt=", count=5)
    filesystem.create_file("silver/dt=1")

    with pytest.raises(HttpResponseError, match="ServerBusy"):
        filesystem.create_file("bronze/dt=1")

    assert (lake.emulator.faults()[0]["fired"], lake.emulator.faults()[0]["remaining"]) == (1, 4)


def test_a_fault_for_a_listing_is_for_the_directory_listed(lake, filesystem):
    filesystem.create_file("bronze/x")
    filesystem.create_file("silver/x")
    lake.emulator.set_fault(kind="unavailable", path=f"/{filesystem.file_system_name}/silver")

    assert names(filesystem.get_paths("bronze")) == ["bronze/x"]
    with pytest.raises(HttpResponseError, match="ServerBusy"):
        names(filesystem.get_paths("silver"))


def test_faults_are_cleared(lake, filesystem):
    lake.emulator.set_fault(kind="unavailable", count=100)

    lake.emulator.clear_faults()

    filesystem.create_file("x")
    assert lake.emulator.faults() == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"kind": "delay"}, "'seconds'"),
        ({"kind": "delay", "seconds": "1"}, "'seconds'"),
        ({"kind": "unavailable", "seconds": 1}, "'seconds'"),
        ({"kind": "unavailable", "close": True}, "'close'"),
        ({"kind": "unavailable", "path": "("}, "'path'"),
        ({"kind": "unavailable", "method": 1}, "'method'"),
    ],
)
@pytest.mark.usefixtures("filesystem")
def test_a_fault_that_makes_no_sense_is_refused_with_the_reason(lake, body, reason):
    status, answer = lake.emulator.control("POST", "/faults", body)

    assert status == 400
    assert reason in answer["error"]
    assert lake.emulator.faults() == []

"""The hub emulator's control endpoint, and its command line."""

import signal
import socket

import pytest

from tests.contract.emulator_process import refused_start
from tests.contract.hub_fixture import start_hub

SENSELESS_FAULTS = [
    ({}, "kind"),
    ({"kind": "explode"}, "unknown kind 'explode'"),
    ({"kind": "detach", "hubb": "h"}, "unknown field"),
    ({"kind": "detach", "count": 0}, "count"),
    ({"kind": "detach", "on": "lunch"}, "'on'"),
    ({"kind": "delay"}, "seconds"),
    ({"kind": "detach", "seconds": 1}, "seconds"),
    ({"kind": "server-busy", "on": "delivery"}, "for sends only"),
    ({"kind": "detach", "hub": ["h"]}, "hub"),
]


@pytest.mark.parametrize(("fault", "reason"), SENSELESS_FAULTS)
def test_a_senseless_fault_is_a_bad_request_with_a_reason(hubs, fault, reason):
    status, answer = hubs.emulator.control("POST", "/faults", fault)
    assert status == 400
    assert reason in answer["error"]


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'"text"'])
def test_a_body_that_is_no_json_object_is_a_bad_request(hubs, body):
    status, answer = hubs.emulator.control("POST", "/faults", body)
    assert status == 400
    assert answer["error"]


def test_faults_are_listed_with_how_often_they_fired_and_can_be_cleared(hubs):
    hubs.emulator.clear_faults()
    hubs.emulator.set_fault(kind="delay", hub="h", partition=3, count=2, seconds=0.5, on="send")
    (fault,) = hubs.emulator.faults()
    fault.pop("id")
    assert fault == {
        "kind": "delay", "hub": "h", "partition": "3", "count": 2, "seconds": 0.5, "on": "send",
        "fired": 0, "remaining": 2,
    }  # fmt: skip
    assert hubs.emulator.control("DELETE", "/faults") == (200, {"faults": []})
    assert hubs.emulator.control("GET", "/faults") == (200, {"faults": []})


def test_a_made_hub_is_listed_with_its_groups_and_empty_partitions(hubs):
    name = hubs.new_hub(partitions=2, groups=["one", "two"])
    listed = next(h for h in hubs.emulator.control("GET", "/hubs")[1]["hubs"] if h["name"] == name)
    assert listed["groups"] == ["$Default", "one", "two"]
    assert [partition["id"] for partition in listed["partitions"]] == ["0", "1"]
    assert listed["partitions"][1] == {
        "id": "1", "begin_sequence_number": 0, "last_enqueued_sequence_number": -1,
        "last_enqueued_offset": "-1", "last_enqueued_at_ms": None, "count": 0,
    }  # fmt: skip


def test_a_hub_is_not_made_twice_whatever_the_case_of_its_name(hubs, hub):
    status, answer = hubs.emulator.control("POST", f"/hubs/{hub.upper()}", {"partitions": 1})
    assert status == 409
    assert "exists" in answer["error"]


@pytest.mark.parametrize(
    "body",
    [{"partitions": 0}, {"partitions": 2000}, {"partitions": "2"}, {"groups": "one"},
     {"groups": ["a/b"]}, {"retention": {"events": -1}}, {"partition": 2}],
)  # fmt: skip
def test_a_hub_that_cannot_be_is_a_bad_request(hubs, body):
    status, answer = hubs.emulator.control("POST", "/hubs/never", body)
    assert status == 400
    assert answer["error"]


def test_a_name_that_would_leave_the_data_directory_is_refused(hubs):
    assert hubs.emulator.control("POST", "/hubs/%2E%2E", {"partitions": 1})[0] in (400, 404, 405)
    assert hubs.emulator.control("POST", "/hubs/a%2Fb", {"partitions": 1})[0] in (400, 404)


def test_a_deleted_hub_is_gone_and_unknown_hubs_are_not_found(hubs, hub):
    assert hubs.emulator.control("DELETE", f"/hubs/{hub}")[0] == 200
    assert hubs.emulator.control("DELETE", f"/hubs/{hub}")[0] == 404
    assert hubs.emulator.control("POST", f"/hubs/{hub}/recreate")[0] == 404
    assert hubs.emulator.control("POST", f"/hubs/{hub}/partitions", {"count": 1})[0] == 404
    assert hubs.emulator.control("POST", f"/hubs/{hub}/retention", {"events": 1})[0] == 404
    assert hubs.emulator.control("GET", "/nothing")[0] == 404


def test_added_partitions_take_events(hubs, hub):
    status, answer = hubs.emulator.control("POST", f"/hubs/{hub}/partitions", {"count": 2})
    assert status == 200
    assert [partition["id"] for partition in answer["partitions"]] == ["0", "1", "2"]
    hubs.send(hub, b"x", partition_id="2")
    assert hubs.partition(hub, "2")["count"] == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_emulator_cleanly_and_frees_its_ports(tmp_path, number):
    running = start_hub(tmp_path, "--hub", "h:2:one,two")
    assert running.emulator.stop(number) == 0
    with socket.socket() as again:
        again.bind(("127.0.0.1", running.port))


def test_a_hub_of_the_command_line_is_made_once_and_kept(tmp_path):
    first = start_hub(tmp_path, "--hub", "h:2:one", "--retention-events", "3")
    made = first.emulator.control("GET", "/hubs")[1]
    first.emulator.stop()
    second = start_hub(tmp_path, "--hub", "h:4:other")
    kept = second.emulator.control("GET", "/hubs")[1]
    second.emulator.stop()
    assert made["hubs"][0]["retention"] == {"events": 3, "seconds": None}
    assert made["hubs"][0]["groups"] == ["$Default", "one"]
    assert kept["hubs"][0] == made["hubs"][0] | {"groups": ["$Default", "one", "other"]}


def test_a_second_emulator_on_the_same_data_is_refused(hubs):
    code, errors = refused_start("local.hub", hubs.data)
    assert code == 1
    assert f"{hubs.data} is in use by another process" in errors

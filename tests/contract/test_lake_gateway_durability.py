"""What the lake gateway has answered outlives it, however it ends."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from azure.core.exceptions import AzureError, ResourceNotFoundError

from tests.contract.emulator_process import eventually, refused_start
from tests.contract.lake_fixture import ACCOUNT

SIZE = 400_000
ROOT = Path(__file__).resolve().parents[2]


def test_what_was_answered_is_there_after_a_kill(own_lake):
    filesystem = own_lake.filesystem()
    client = filesystem.get_file_client("bronze/dt=2026-01-01/é")
    client.upload_data(b"landed", overwrite=True, metadata={"batch_id": "1"})
    filesystem.create_directory("made", metadata={"a": "b"})
    filesystem.create_file("dropped").delete_file()
    before = client.get_file_properties()

    own_lake.emulator.kill()
    own_lake.emulator.restart()

    after = client.get_file_properties()
    assert (after.etag, after.metadata) == (before.etag, before.metadata)
    assert after.last_modified == before.last_modified
    assert client.download_file().readall() == b"landed"
    assert filesystem.get_directory_client("made").get_directory_properties().metadata["a"] == "b"
    assert not filesystem.get_file_client("dropped").exists()


def test_a_kill_between_create_and_flush_leaves_an_empty_file_that_can_still_be_flushed(own_lake):
    client = own_lake.filesystem().create_file("half", metadata={"batch_id": "1"})
    client.append_data(b"appended", 0)

    own_lake.emulator.kill()
    own_lake.emulator.restart()

    assert client.get_file_properties().size == 0
    client.flush_data(8)
    assert client.download_file().readall() == b"appended"
    assert client.get_file_properties().metadata == {"batch_id": "1"}


def test_a_reader_on_disk_sees_whole_versions_through_writes_and_kills(own_lake):
    client = own_lake.filesystem().get_file_client("flipping")
    client.upload_data(b"a" * SIZE, overwrite=True)
    place = own_lake.on_disk(own_lake.filesystem(), "flipping")
    seen, stop = set(), threading.Event()

    def read():
        while not stop.is_set():
            seen.add(_describe(place.read_bytes()))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for letter in (b"b", b"c", b"d"):
            _kill_while_writing(own_lake, client, letter)
    finally:
        stop.set()
        reader.join()

    assert seen <= {"", *(f"{letter} x {SIZE}" for letter in "abcd")}
    assert client.get_file_properties().size in (0, SIZE)
    assert _describe(client.download_file().readall()) in seen


def _kill_while_writing(lake, client, letter):
    """Kill the gateway while a writer writes, and start it again."""
    started = threading.Event()

    def write():
        while True:
            try:
                client.upload_data(letter * SIZE, overwrite=True, metadata={"l": letter.decode()})
            except AzureError:
                return
            started.set()

    writer = threading.Thread(target=write)
    writer.start()
    started.wait(20)
    lake.emulator.kill()
    writer.join()
    lake.emulator.restart()


def _describe(content):
    if not content:
        return ""
    is_whole = content == content[:1] * len(content)
    return f"{content[:1].decode()} x {len(content)}" if is_whole else "mixed"


def test_a_kill_in_the_middle_of_a_directory_rename_leaves_one_of_the_two(own_lake):
    filesystem = own_lake.filesystem()
    for number in range(5):
        filesystem.create_file(f"even/{number}", metadata={"n": str(number)})
    started = threading.Event()

    def rename():
        source, target = "even", "odd"
        while True:
            try:
                directory = filesystem.get_directory_client(source)
                directory.rename_directory(f"{filesystem.file_system_name}/{target}")
            except AzureError:
                return
            started.set()
            source, target = target, source

    renamer = threading.Thread(target=rename)
    renamer.start()
    started.wait(20)
    own_lake.emulator.kill()
    renamer.join()
    own_lake.emulator.restart()

    (top,) = filesystem.get_paths(recursive=False)
    files = [filesystem.get_file_client(f"{top.name}/{number}") for number in range(5)]
    assert [file.get_file_properties().metadata["n"] for file in files] == list("01234")


def test_a_delete_that_was_killed_leaves_nothing_half_gone_in_sight(own_lake):
    filesystem = own_lake.filesystem()
    for number in range(30):
        filesystem.create_file(f"doomed/{number}")

    def delete():
        try:
            filesystem.delete_directory("doomed")
        except AzureError:
            return

    deleter = threading.Thread(target=delete)
    deleter.start()
    own_lake.emulator.kill()
    deleter.join()
    own_lake.emulator.restart()

    try:
        left = len(list(filesystem.get_paths("doomed")))
    except ResourceNotFoundError:
        left = 0
    assert left in (0, 30)
    assert not (own_lake.data / ".meta" / "trash").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_gateway_ends_cleanly_on_a_signal(own_lake, number):
    own_lake.filesystem().create_file("x")

    assert own_lake.emulator.stop(number) == 0


def test_the_gateway_ends_cleanly_while_a_request_hangs(own_lake):
    own_lake.emulator.set_fault(kind="timeout", seconds=600)
    hanging = threading.Thread(target=_ignore_failure, args=(own_lake.filesystem(),))
    hanging.start()
    eventually(lambda: own_lake.emulator.faults()[0]["fired"] == 1)

    code = own_lake.emulator.stop()

    hanging.join()
    assert code == 0


def _ignore_failure(filesystem):
    try:
        filesystem.create_file("x")
    except AzureError:
        return


def test_two_gateways_do_not_serve_one_folder(own_lake):
    code, errors = refused_start("local.lake", own_lake.data)

    assert code == 1
    assert f"{own_lake.data} is in use by another process" in errors
    assert own_lake.filesystem().exists()


def test_the_command_line_refuses_a_key_that_is_not_base64(tmp_path):
    command = [sys.executable, "-m", "local.lake", "--data", str(tmp_path), "--key", "no!"]

    run = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=20, check=False)

    assert run.returncode == 2
    assert b"not base64" in run.stderr
    assert ACCOUNT.encode() not in run.stdout

from io import BytesIO

import azure.functions as func
import pytest

from functions.dropzone import dropzone
from shared.errors import DependencyUnavailableError
from tests.unit.functions.invoking import call, lines_of, only_line
from tests.unit.functions.memory_service import MemoryService


class Blob(func.InputStream):
    def __init__(self, name: str, data: bytes) -> None:
        self._name, self._data = name, BytesIO(data)

    @property
    def name(self) -> str:
        return self._name

    @property
    def length(self) -> int:
        return len(self._data.getvalue())

    @property
    def uri(self) -> str:
        return ""

    def read(self, size: int = -1) -> bytes:
        return self._data.read(size)


def test_a_file_that_is_taken_in_is_one_line_with_its_path_and_size(
    service: MemoryService, caplog: pytest.LogCaptureFixture
) -> None:
    service.give_a_workspace()

    call(dropzone, Blob("drops/simple/a.csv", b"id\n1\n"))

    level, line = only_line(caplog, "dropzone")
    assert (level, line["event"], line["invocation_id"]) == ("INFO", "upload_received", "i-1")
    assert (line["path"], line["bytes"], line["is_new"]) == ("simple/a.csv", 5, True)
    assert (line["contract"], line["state"]) == ("simple/1", "planned")


@pytest.mark.usefixtures("service")
def test_a_file_that_cannot_be_used_is_a_warning_and_does_not_come_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    call(dropzone, Blob("drops/a.csv", b"id\n1\n"))

    level, line = only_line(caplog, "dropzone")
    assert (level, line["state"]) == ("WARNING", "failed")
    assert "in no contract's folder" in line["problem"]


def test_each_wait_for_a_lake_that_is_down_has_a_line_with_the_files_path(
    service: MemoryService, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.lake.is_down = True
    monkeypatch.setattr("functions.dropzone.time.sleep", lambda _: None)

    with pytest.raises(DependencyUnavailableError, match="the lake is down"):
        call(dropzone, Blob("drops/simple/a.csv", b"id\n1\n"))

    *waits, (level, ended) = lines_of(caplog, "dropzone")
    assert {(level, line["event"], line["path"]) for level, line in waits} == {
        ("WARNING", "upload_waited", "simple/a.csv")
    }
    assert (level, ended["event"], ended["path"]) == ("WARNING", "dropzone_failed", "simple/a.csv")

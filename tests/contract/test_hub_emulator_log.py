"""The hub emulator's log on disk, without a server in front."""

import pytest

from local.hub.messages import Event
from local.hub.partition_log import PartitionLog
from local.hub.segment import CorruptLogError

SMALL = 4096


@pytest.fixture
def opened(tmp_path):
    """Open the test's log, as often as the test wants; the last one is closed at the end."""
    logs = []

    def open_again():
        for log in logs:
            log.close()
        logs[:] = [PartitionLog(tmp_path / "log", segment_bytes=SMALL)]
        return logs[0]

    yield open_again
    for log in logs:
        log.close()


def event(number):
    return Event(b"", 0, b"", b"<%d>" % number + b"x" * 500, None)


def fill(log, numbers, now_ms=1000):
    for number in numbers:
        log.publish(log.write([event(number)], now_ms))


def numbers_of(messages):
    return [int(message.split(b"<")[-1].split(b">")[0]) for message in messages]


def read_all(log, start=0):
    found, at = [], start
    while batch := log.read(at, 7, 3000):
        found += numbers_of(batch)
        at = max(at, log.begin) + len(batch)
    return found


def files(tmp_path):
    return sorted((tmp_path / "log").glob("*.log"))


def test_events_are_read_across_files_and_after_opening_again(opened, tmp_path):
    fill(opened(), range(40))
    assert len(files(tmp_path)) > 3
    assert read_all(opened()) == list(range(40))
    assert read_all(opened(), start=17) == list(range(17, 40))


def test_a_read_returns_one_event_at_least_and_no_more_bytes_than_asked(opened):
    log = opened()
    fill(log, range(7))
    assert numbers_of(log.read(0, 100, 1)) == [0]
    assert numbers_of(log.read(0, 100, 1300)) == [0, 1]
    assert numbers_of(log.read(2, 3, 10**9)) == [2, 3, 4]
    assert log.read(7, 1, 1) == []


def test_what_is_written_is_not_visible_before_it_is_published(opened):
    log = opened()
    fill(log, [0])
    written = log.write([event(1)], 1000)
    assert read_all(log) == [0]
    log.publish(written)
    assert read_all(log) == [0, 1]


def test_times_never_go_back_with_the_clock(opened):
    log = opened()
    fill(log, [0], now_ms=5000)
    fill(log, [1], now_ms=4000)
    assert log.last_enqueued_ms == 5000
    again = opened()
    fill(again, [2], now_ms=1)
    assert again.last_enqueued_ms == 5000


def test_trimming_deletes_files_but_never_the_last_event(opened, tmp_path):
    log = opened()
    fill(log, range(40))
    offset, before = log.last_offset, len(files(tmp_path))
    log.trim(20)
    assert read_all(log) == list(range(20, 40))
    assert len(files(tmp_path)) < before
    log.trim(10_000)
    assert (log.begin, log.last, log.count, log.last_offset) == (40, 39, 0, offset)
    again = opened()
    assert (again.begin, again.last, again.count, again.last_offset) == (40, 39, 0, offset)
    fill(again, [40])
    assert read_all(again) == [40]


@pytest.mark.parametrize("lost", [1, 23, 400, 520])
def test_a_torn_last_record_is_cut_off(opened, tmp_path, lost):
    fill(opened(), range(10))
    opened()
    path = files(tmp_path)[-1]
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - lost)
    log = opened()
    assert read_all(log) == list(range(9))
    fill(log, [9])
    assert read_all(opened()) == list(range(10))


def test_a_last_file_without_even_its_heading_is_mended(opened, tmp_path):
    log = opened()
    fill(log, range(8))
    name = f"{8:020d}-{log._visible_end:020d}.log"
    (tmp_path / "log" / name).write_bytes(b"LAND")
    again = opened()
    fill(again, [8])
    assert read_all(opened()) == list(range(9))


def test_damage_in_an_earlier_file_is_not_taken_for_a_torn_tail(opened, tmp_path):
    fill(opened(), range(40))
    opened()
    path = files(tmp_path)[1]
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    with pytest.raises(CorruptLogError, match="damaged at byte"):
        PartitionLog(tmp_path / "log", segment_bytes=SMALL)

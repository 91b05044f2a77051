import hashlib
import json
from datetime import timedelta
from io import BytesIO

import pytest
from fastavro import writer

from ops.quarantine.dropped import read_dropped
from ops.quarantine.events import QuarantinedEvent, Selection
from ops.quarantine.reading import read_verified
from ops.quarantine.report import event_lines, group_document, group_events, group_lines
from ops.quarantine.showing import body_lines, show_lines
from shared.encoding.quarantine_record import QUARANTINE_SCHEMA
from shared.errors import LakeConflictError
from shared.ledger.batch import LandedFile
from shared.transform.work import RunFigures, WorkState
from tests.builders import a_time, a_work
from tests.unit.ops.quarantine.redrive_world import Redriving, passing


@pytest.fixture
def world() -> Redriving:
    made = Redriving()
    made.quarantine(0, 5)
    made.quarantine(6, 11)
    made.redrive(passing([1]))
    return made


def only(world: Redriving, **selection: object) -> list[int]:
    return [number for number, _ in world.kept(**selection)]


def test_groups_count_what_is_kept_and_what_was_redriven(world: Redriving) -> None:
    groups = group_events(world.read())

    lines = list(group_lines(groups))
    assert lines[1].split()[:4] == ["simple/1", "rule_pattern", "5", "1"]
    assert lines[-1] == "5 events quarantined, 1 redriven"
    assert group_document(groups)["groups"][0]["first_enqueued_at"] == a_time(1).isoformat()


def test_an_empty_quarantine_is_a_table_without_rows() -> None:
    assert list(group_lines(group_events(Redriving().read())))[-1].startswith("0 events")


def test_events_are_listed_one_a_line_as_long_as_they_are_kept(world: Redriving) -> None:
    lines = list(event_lines(world.read(), as_json=True, limit=2))

    assert [json.loads(line)["sequence_number"] for line in lines] == [3, 5]
    assert "hub/p000 g0  3  " in next(event_lines(world.read(), as_json=False, limit=None))


def test_a_selection_is_by_contract_reason_time_and_number(world: Redriving) -> None:
    assert only(world, contract="simple") == only(world, contract="simple/1") == [3, 5, 7, 9, 11]
    assert only(world, contract="simple/2") == only(world, reason="empty_body") == []
    assert only(world, since=a_time(5), until=a_time(9)) == [5, 7, 9]
    assert only(world, until=a_time(0) - timedelta(days=1)) == []
    assert only(world, partition_id="1") == only(world, hub="x") == only(world, generation=1) == []


def test_an_event_is_shown_with_what_became_of_it(world: Redriving) -> None:
    kept, landed = {}, {}
    for item in world.read():
        (landed if item.redriven_by else kept)[item.event.sequence_number] = item

    shown = list(show_lines(kept[3], []))
    assert "reason        rule_pattern" in shown
    assert "redriven      no" in shown
    assert shown[-1] == '{"tag": "n3"}'
    assert "redriven      by commit 3, into a.avro" in list(show_lines(landed[1], ["a.avro"]))


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (b"", []),
        ('{\n\t"ü"}'.encode(), ["{", '\t"ü"}']),
        (b"\xff\x00", ["00000000  ff 00"]),
        (b"\x1b[2J", ["00000000  1b 5b 32 4a"]),
        (bytes(33), [f"00000000  {bytes(32).hex(' ')}", "00000020  00"]),
    ],
)
def test_bytes_are_shown_as_text_only_where_a_terminal_shows_just_that(
    body: bytes, lines: list[str]
) -> None:
    assert list(body_lines(body)) == lines


def test_a_file_that_is_not_the_committed_one_is_refused() -> None:
    sha256 = hashlib.sha256(b"a").hexdigest()
    file = LandedFile(path="q.avro", contract="", records=1, bytes=1, sha256=sha256)

    assert read_verified({"q.avro": b"a"}.get, file) == b"a"
    with pytest.raises(LakeConflictError, match=r"q\.avro holds other bytes"):
        read_verified({"q.avro": b"b"}.get, file)
    with pytest.raises(LakeConflictError, match=r"q\.avro is not there"):
        read_verified({}.get, file)


def test_the_bad_rows_of_dropped_files_are_listed_too(world: Redriving) -> None:
    record = {**world.read()[0].record}
    record["_landfall"] = {**record["_landfall"], "hub": "dropzone", "partition_id": "abc"}
    out = BytesIO()
    writer(out, QUARANTINE_SCHEMA, [record])
    folder = "quarantine/dt=2026-01-01/hr=00/dropzone-abc"
    world.lake.files |= {f"{folder}/part-0.avro": out.getvalue(), f"{folder}/_SUCCESS": b""}
    world.works.ended.append(
        a_work(
            kind="upload",
            path="_landfall/dropzone/abc.csv",
            state=WorkState.SUCCEEDED,
            figures=RunFigures(rows_quarantined=1),
        )
    )

    def dropped(**selection: object) -> list[QuarantinedEvent]:
        return list(read_dropped(world, Selection(**selection)))

    assert [item.place.partition.partition_id for item in dropped()] == ["abc"]
    assert dropped(partition_id="0") == dropped(hub="hub") == dropped(reason="empty_body") == []
    assert "dropzone/pabc g0  1" in next(event_lines(dropped(), as_json=False, limit=None))

import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ops.audit.partitions import judge_rows
from ops.audit.problems import Kind
from ops.audit.ranges import fold, subtract
from ops.audit.report import MOST_SHOWN, audit_document, audit_lines
from shared.ledger.batch import Counts
from shared.ledger.partition import GapState
from tests.builders import a_gap, a_partition, a_range, a_time, an_address
from tests.unit.ops.audit.audit_world import (
    World,
    a_world,
    current_of,
    holders,
    kinds,
    named,
    numbers,
    of_kind,
    sums,
)

QUARANTINE = ""
DELIVERIES = st.lists(
    st.tuples(st.sampled_from("01"), st.integers(0, 40), st.integers(0, 12), st.booleans()),
    max_size=12,
)


def set_number(records: list[Any], at: int, number: int) -> None:
    records[at]["_landfall"]["sequence_number"] = number


def test_what_landed_audits_clean_and_adds_up() -> None:
    audit = a_world().audit()

    assert audit.problems == ()
    assert [str(line.place) for line in audit.generations] == [
        "hub/p000 g0",
        "hub/p000 g1",
        "hub/p001 g0",
    ]
    assert [sums(line) for line in audit.generations] == [
        (19, 6, 0, 5),
        (11, 4, 5, 0),
        (7, 3, 0, 0),
    ]
    assert [(line.start, line.head) for line in audit.generations] == [(0, 30), (0, 20), (0, 10)]


def test_a_ledger_without_anything_audits_clean() -> None:
    audit = World().audit()

    assert (audit.ok, audit.generations) == (True, ())


@given(deliveries=DELIVERIES, files=st.integers(1, 4))
def test_whatever_lands_audits_clean(
    deliveries: list[tuple[str, int, int, bool]], files: int
) -> None:
    world = World()

    for at, (partition_id, first, more, is_new_hub) in enumerate(deliveries):
        later = 1000 * at if is_new_hub else -1000
        world.land(first, first + more, later=later, partition_id=partition_id)
    world.transform(files=files)

    assert world.audit().problems == ()


def test_one_partition_is_audited_with_its_windows_alone() -> None:
    world = a_world()
    del world.lake.files[world.file(0).path]

    audited = [world.audit(partition_id="0"), world.audit(partition_id="1"), world.audit(hub="x")]

    assert [audit.ok for audit in audited] == [False, True, True]
    assert [len(audit.generations) for audit in audited] == [2, 1, 0]


def test_a_file_that_is_gone_is_named_with_the_numbers_it_held() -> None:
    world = a_world()
    path = world.file(0, QUARANTINE).path
    del world.lake.files[path]

    audit = world.audit()

    assert named(audit, Kind.FILE_MISSING) == {path}
    assert numbers(audit, Kind.NUMBER_MISSING) == [(2, 2), (6, 7)]
    assert kinds(audit) == {Kind.FILE_MISSING, Kind.NUMBER_MISSING}


@given(data=st.data())
def test_any_changed_byte_of_any_file_is_found(data: st.DataObject) -> None:
    world = a_world()
    files = [file for batch in world.ledger.batches for file in batch.files]
    path = data.draw(st.sampled_from([file.path for file in files]))
    content = bytearray(world.lake.files[path])
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    world.lake.files[path] = bytes(content)

    audit = world.audit()

    assert named(audit, Kind.HASH_DIFFERS) == {path}
    assert {problem.path for problem in audit.problems} <= {path, None}


@given(kept=st.integers(0, 200))
def test_a_file_that_was_cut_is_found(kept: int) -> None:
    world = a_world()
    path = world.file(0).path
    world.lake.files[path] = world.lake.files[path][:kept]

    audit = world.audit()

    assert named(audit, Kind.SIZE_DIFFERS) == named(audit, Kind.HASH_DIFFERS) == {path}


def test_bytes_that_are_no_avro_are_unreadable() -> None:
    world = a_world()
    path = world.file(0).path
    world.lake.files[path] = b"no Avro"

    audit = world.audit()

    assert named(audit, Kind.FILE_UNREADABLE) == {path}
    assert Kind.BATCH_COUNT_DIFFERS not in kinds(audit)


def test_a_number_twice_in_a_file_is_named_with_the_one_that_it_replaced() -> None:
    world = a_world()
    file = world.rewrite(0, "simple/1", lambda records: set_number(records, 1, 0))

    audit = world.audit()

    assert numbers(audit, Kind.NUMBER_TWICE) == [(0, 0)]
    assert named(audit, Kind.NUMBER_TWICE) == {file.path}
    assert numbers(audit, Kind.NUMBER_MISSING) == [(3, 3)]


def test_a_number_in_two_files_of_a_batch_is_found() -> None:
    world = a_world()
    world.rewrite(0, "other/1", lambda records: set_number(records, 0, 0))

    audit = world.audit()

    assert numbers(audit, Kind.NUMBER_TWICE) == [(0, 0)]
    assert holders(audit) == {
        world.file(0, "simple/1").path,
        world.file(0, "other/1").path,
    }


def test_a_number_in_files_of_two_batches_is_found() -> None:
    world = a_world()
    world.rewrite(1, "other/1", lambda records: set_number(records, 0, 4))

    audit = world.audit()

    assert numbers(audit, Kind.NUMBER_TWICE) == [(4, 4)]
    assert numbers(audit, Kind.NUMBER_UNCLAIMED) == [(4, 4)]
    assert numbers(audit, Kind.NUMBER_MISSING) == [(10, 10)]


def test_a_record_too_few_is_a_missing_number_and_another_count() -> None:
    world = a_world()
    world.rewrite(0, "simple/1", lambda records: records.pop(0))

    audit = world.audit()

    assert numbers(audit, Kind.NUMBER_MISSING) == [(0, 0)]
    assert "landed: 5, but the files hold 4" in of_kind(audit, Kind.BATCH_COUNT_DIFFERS)[0].detail


def test_a_ledger_that_says_another_number_of_records_is_found() -> None:
    world = a_world()
    file = world.file(0)
    wrong = replace(file, records=file.records + 1)
    files = world.ledger.batches[0].files
    world.change_batch(0, files=tuple(wrong if known == file else known for known in files))

    audit = world.audit()

    assert named(audit, Kind.RECORD_COUNT_DIFFERS) == {file.path}


def test_a_record_of_another_partition_or_generation_is_found() -> None:
    world = a_world()
    file = world.rewrite(
        0, "simple/1", lambda records: records[0]["_landfall"].update(generation=7)
    )

    audit = world.audit()

    assert named(audit, Kind.ORIGIN_DIFFERS) == {file.path}
    assert of_kind(audit, Kind.ORIGIN_DIFFERS)[0].detail == "holds records of hub/p000 g7"


def test_a_file_under_another_batchs_name_is_found() -> None:
    world = a_world()
    one, other = world.file(0).path, world.file(1).path
    world.lake.files[other] = world.lake.files[one]

    audit = world.audit()

    assert named(audit, Kind.ORIGIN_DIFFERS) == named(audit, Kind.HASH_DIFFERS) == {other}


def test_a_path_that_says_something_else_than_the_ledger_is_found() -> None:
    world = a_world()
    file = world.file(0)
    wrong = replace(file, path=file.path.replace("-g0-", "-g3-"))
    world.lake.files[wrong.path] = world.lake.files[file.path]
    files = world.ledger.batches[0].files
    world.change_batch(0, files=tuple(wrong if known == file else known for known in files))

    audit = world.audit()

    assert named(audit, Kind.NAME_DIFFERS) == {wrong.path}


def test_a_shifted_range_is_found_in_the_ledger_and_in_the_files() -> None:
    world = a_world()
    world.change_batch(0, ranges=(a_range(1, 10),))

    audit = world.audit()

    assert numbers(audit, Kind.NUMBER_UNACCOUNTED) == [(0, 0)]
    assert numbers(audit, Kind.NUMBER_CLAIMED_TWICE) == [(10, 10)]
    assert numbers(audit, Kind.NUMBER_UNCLAIMED) == [(0, 0)]
    assert numbers(audit, Kind.NUMBER_MISSING) == [(10, 10)]


def test_a_batch_that_the_ledger_lost_is_found_by_its_numbers_and_its_commit() -> None:
    world = a_world()
    path = world.file(1).path
    del world.ledger.batches[1]

    audit = world.audit()

    assert numbers(audit, Kind.NUMBER_UNACCOUNTED) == [(10, 19)]
    assert "commits 2 to 2" in of_kind(audit, Kind.COMMIT_MISSING)[0].detail
    assert Kind.HEAD_COUNT_DIFFERS in kinds(audit)
    assert path in named(audit, Kind.WINDOW_FILE_UNCOMMITTED)


def test_a_number_both_in_a_batch_and_in_a_gap_is_found() -> None:
    world = a_world()
    world.change_head(gaps=(a_gap(9, 14),))

    audit = world.audit()

    assert numbers(audit, Kind.NUMBER_CLAIMED_TWICE) == [(9, 9)]


def test_a_head_that_says_less_than_its_batches_is_found() -> None:
    world = a_world()
    world.change_head(head=18)

    audit = world.audit()

    assert numbers(audit, Kind.NUMBER_OUT_OF_BOUNDS) == [(18, 19)]


def test_a_changed_count_of_a_batch_is_found() -> None:
    world = a_world()
    batch = world.ledger.batches[0]
    world.change_batch(0, counts={**batch.counts, "simple/1": Counts(landed=6)})

    audit = world.audit()

    details = [problem.detail for problem in of_kind(audit, Kind.BATCH_COUNT_DIFFERS)]
    assert details == [
        "batch hub/p000/0-9: simple/1 landed: 6, but the files hold 5",
        "batch hub/p000/0-9: simple/1 quarantined invalid_json: 0, but the files hold 1",
    ]
    assert Kind.HEAD_COUNT_DIFFERS in kinds(audit)


def test_a_changed_count_of_the_head_is_found_by_contract_and_reason() -> None:
    world = a_world()
    counts = current_of(world).counts
    world.change_head(counts={**counts, "new/1": Counts(quarantined=2, reasons={"bad_uuid": 1})})

    audit = world.audit()

    assert [problem.detail for problem in of_kind(audit, Kind.HEAD_COUNT_DIFFERS)] == [
        "new/1 quarantined (without a reason): 1, but the batches say 0",
        "new/1 quarantined bad_uuid: 1, but the batches say 0",
    ]


def test_two_rows_of_a_batch_that_differ_are_found() -> None:
    world = a_world()
    batch = world.ledger.batches[0]
    other = replace(batch, committed_at=a_time(1))

    found = [
        list(judge_rows(a_partition(commits=1), commits, batches))
        for commits, batches in (
            ({1: batch}, {1: batch}),
            ({1: batch}, {1: other}),
            ({1: batch}, {}),
            ({}, {1: batch}),
        )
    ]

    assert [problem.detail for problems in found for problem in problems] == [
        "commit 1: its two rows say different things",
        "commit 1: its batch row is missing",
        "commit 1: its commit row is missing",
    ]


def test_what_is_committed_while_the_audit_runs_is_left_to_the_next() -> None:
    world = a_world()
    stored = world.ledger.heads[an_address()]
    world.land(20, 24, later=1000)
    world.ledger.heads[an_address()] = stored

    audit = world.audit()

    assert audit.ok
    assert audit.generations[1].head == 20


def test_batches_of_a_generation_without_a_state_are_found() -> None:
    world = a_world()
    world.ledger.closed.clear()
    stored = world.ledger.heads[an_address()]
    world.ledger.heads[an_address()] = replace(
        stored, partition=replace(stored.partition, ended=())
    )

    audit = world.audit()

    assert [str(problem.place) for problem in of_kind(audit, Kind.STATE_MISSING)] == ["hub/p000 g0"]


def test_a_file_that_two_batches_claim_is_found() -> None:
    world = a_world()
    file = world.file(0)
    batch = world.ledger.batches[1]
    world.change_batch(1, files=(*batch.files, file))

    audit = world.audit()

    assert named(audit, Kind.FILE_CLAIMED_TWICE) == {file.path}
    assert numbers(audit, Kind.NUMBER_UNCLAIMED) != []


def test_a_manifest_that_names_a_file_nobody_committed_is_found() -> None:
    world = a_world()
    path = world.change_manifest(lambda text: text.replace(b"-g0-", b"-g9-", 1))

    audit = world.audit()

    problem = of_kind(audit, Kind.WINDOW_FILE_UNCOMMITTED)[0]
    assert "-g9-" in str(problem.path)
    assert path in problem.detail
    assert Kind.WINDOW_FILE_FORGOTTEN in kinds(audit)


def test_a_file_in_two_windows_is_found() -> None:
    world = a_world()
    one, other = world.manifests()[:2]
    world.lake.files[other] = world.lake.files[one]

    audit = world.audit()

    twice = {file["path"] for file in json.loads(world.lake.files[one])["files"]}
    assert named(audit, Kind.WINDOW_FILE_TWICE) == twice


def test_a_manifest_that_says_other_bytes_than_the_ledger_is_found() -> None:
    world = a_world()
    world.change_manifest(lambda text: text.replace(b'"sha256": "', b'"sha256": "0', 1))

    audit = world.audit()

    assert kinds(audit) == {Kind.WINDOW_FILE_DIFFERS}


def test_a_window_without_its_manifest_is_found() -> None:
    world = a_world()
    path = world.manifests()[0]
    del world.lake.files[path]

    audit = world.audit()

    assert named(audit, Kind.MANIFEST_MISSING) == {path}


def test_a_manifest_that_cannot_be_read_is_found() -> None:
    world = a_world()
    path = world.change_manifest(lambda text: text[:30])

    audit = world.audit()

    assert named(audit, Kind.MANIFEST_UNREADABLE) == {path}


def test_a_manifest_that_an_overtaken_tick_left_is_no_window() -> None:
    world = a_world()
    kept = world.lake.files[world.manifests()[0]]
    world.lake.files["_landfall/windows/w-left.json"] = kept
    world.lake.files["_landfall/windows/w-half.json"] = kept[:30]

    audit = world.audit()

    assert audit.problems == ()


def test_a_gap_is_no_problem_but_is_counted() -> None:
    world = a_world()

    current = current_of(world)

    assert current.in_gaps(GapState.OPEN) == world.audit().generations[1].open == 5


def test_the_report_shows_a_line_a_generation_each_problem_and_the_verdict() -> None:
    world = a_world()
    path = world.file(0).path
    del world.lake.files[path]

    lines = list(audit_lines(world.audit(), 1.25))

    assert lines[1].split()[:9] == ["hub", "0", "0", "0", "30", "14", "6", "0", "5"]
    assert lines[1].endswith("NO")
    assert lines[2].endswith("yes")
    assert f"file_missing  hub/p000 g0 {path}: not there" in lines
    assert lines[-1].endswith("windows, read in 1.2 s")


def test_a_report_of_very_many_problems_shows_the_first_and_says_how_many_more() -> None:
    world = World()
    world.land(0, 9)
    world.change_head(head=2000, gaps=tuple(a_gap(n, n) for n in range(10, 2000, 2)))

    lines = list(audit_lines(world.audit(), 0))

    assert len(lines) == 4 + MOST_SHOWN + 2
    assert lines[-2] == f"and {995 - MOST_SHOWN} more: --json has them all"


def test_the_document_holds_all_that_was_found_as_json() -> None:
    world = a_world()
    path = world.file(0, QUARANTINE).path
    del world.lake.files[path]

    document = json.loads(json.dumps(audit_document(world.audit(), 1.0)))

    assert document["ok"] is False
    assert document["totals"]["landed"] == 37
    assert document["problems"][0] == {
        "kind": "file_missing",
        "hub": "hub",
        "partition_id": "0",
        "generation": 0,
        "first": None,
        "last": None,
        "path": path,
        "detail": "not there",
    }
    assert document["problems"][1]["first"] == 2


RANGES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8)), max_size=12)


@given(drawn=RANGES)
def test_folding_keeps_each_number_and_tells_those_that_came_twice(
    drawn: list[tuple[int, int]],
) -> None:
    parts = [range(first, first + more + 1) for first, more in drawn]
    flat = sorted(number for part in parts for number in part)

    folded = fold(a_range(part[0], part[-1]) for part in parts)

    assert spread(folded.covered) == sorted(set(flat))
    assert spread(folded.twice) == sorted({n for n in flat if flat.count(n) > 1})


@given(one=RANGES, other=RANGES)
def test_subtracting_leaves_the_numbers_that_only_the_first_has(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    mine = fold(a_range(first, first + more) for first, more in one).covered
    theirs = fold(a_range(first, first + more) for first, more in other).covered

    assert spread(subtract(mine, theirs)) == sorted(set(spread(mine)) - set(spread(theirs)))


def spread(ranges: Any) -> list[int]:
    return [number for part in ranges for number in range(part.first, part.last + 1)]

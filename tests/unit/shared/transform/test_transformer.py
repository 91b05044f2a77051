import json
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from shared.transform.transformer import Transformer
from shared.transform.windows import WindowLimits
from shared.transform.work import MOST_ATTEMPTS, RunFigures, RunOutcome, Work, WorkState
from tests.builders import a_batch, a_batch_of, a_contract, a_time, an_event, contracts
from tests.landers import a_lander
from tests.memory import (
    MemoryLake,
    MemoryLedger,
    MemoryRunner,
    MemoryWorkStore,
)


@dataclass
class World:
    lake: MemoryLake = field(default_factory=MemoryLake)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    works: MemoryWorkStore = field(default_factory=MemoryWorkStore)
    runner: MemoryRunner = field(default_factory=MemoryRunner)
    seconds: float = 0

    def __post_init__(self) -> None:
        known = contracts(a_contract(), a_contract(name="other"))
        self.lander = a_lander(self.lake, self.ledger, known=known, clock=self.now)
        self.transformer = Transformer(
            ledger=self.ledger,
            works=self.works,
            lake=self.lake,
            runner=self.runner,
            limits=WindowLimits(files=2, bytes=10**9, age=timedelta(seconds=60)),
            backoff=timedelta(seconds=30),
            timeout=timedelta(hours=2),
            lake_uri="abfss://lake",
            clock=self.now,
        )

    def now(self):
        return a_time(self.seconds)

    def end_run(self, run_id: int, error: str = "", *, is_interruption: bool = False) -> None:
        self.runner.outcomes[run_id] = RunOutcome(
            ended_at=self.now(), error=error, is_interruption=is_interruption
        )

    def work(self) -> Work:
        (work,) = self.windows()
        return work

    def windows(self) -> list[Work]:
        failed = self.works.list_failed("window", 100)
        return [*failed, *self.works.list_recent("window", 100)]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def full_window(world: World) -> World:
    world.lander.land(a_batch(0, 4))
    world.lander.land(a_batch(5, 9))
    return world


def test_nothing_happens_until_a_window_is_full_or_old(world: World) -> None:
    world.lander.land(a_batch(0, 4))

    young = world.transformer.tick()
    world.seconds = 60
    old = world.transformer.tick()

    assert (young.windows, young.submitted) == (0, 0)
    assert (old.windows, old.submitted) == (1, 1)


def test_a_full_window_is_written_down_and_submitted_with_its_id_as_token(
    full_window: World,
) -> None:
    tick = full_window.transformer.tick()

    work = full_window.work()
    (request,) = full_window.runner.requests
    manifest = json.loads(full_window.lake.files[f"_landfall/windows/{work.work_id}.json"])
    assert (tick.windows, tick.submitted) == (1, 1)
    assert request.idempotency_token == work.work_id == manifest["window"]
    assert [file["records"] for file in manifest["files"]] == [5, 5]
    assert (work.state, work.run_id, work.url) == (WorkState.SUBMITTED, 1, "http://run/1")


def test_a_run_under_way_is_neither_waited_for_nor_submitted_again(full_window: World) -> None:
    full_window.transformer.tick()

    again = full_window.transformer.tick()

    assert (again.windows, len(full_window.runner.requests)) == (0, 1)


def test_a_run_that_succeeds_ends_with_the_figures_of_its_report(full_window: World) -> None:
    full_window.transformer.tick()
    report = json.dumps({"rows_in": 10, "rows_out": 10}).encode()
    folder = f"_landfall/reports/{full_window.work().work_id}"
    full_window.lake.files |= {f"{folder}/part-0": report, f"{folder}/_SUCCESS": b""}
    full_window.end_run(1)

    tick = full_window.transformer.tick()

    work = full_window.work()
    assert (tick.succeeded, work.state) == (1, WorkState.SUCCEEDED)
    assert work.figures == RunFigures(rows_in=10, rows_out=10)


def test_a_submit_whose_reply_is_lost_is_one_run(full_window: World) -> None:
    full_window.runner.lost_replies = 1

    lost = full_window.transformer.tick()
    full_window.transformer.tick()

    assert lost.problem == "the reply was lost"
    assert full_window.runner.runs == {full_window.work().work_id: 1}
    assert full_window.work().run_id == 1


def test_a_host_killed_between_submit_and_record_makes_one_run(full_window: World) -> None:
    full_window.works.refuses_changes = True
    full_window.transformer.tick()

    full_window.works.refuses_changes = False
    full_window.transformer.tick()

    assert len(full_window.runner.requests) == 2
    assert full_window.runner.runs == {full_window.work().work_id: 1}


def test_a_failed_run_is_tried_again_later_as_another_run(full_window: World) -> None:
    full_window.transformer.tick()
    full_window.end_run(1, "the cluster was lost")

    failed = full_window.transformer.tick()
    at_once = full_window.transformer.tick()
    full_window.seconds = 30
    later = full_window.transformer.tick()

    assert (failed.failed, at_once.submitted, later.submitted) == (1, 0, 1)
    assert (full_window.work().attempt, full_window.work().run_id) == (2, 2)


def test_a_run_that_fails_every_time_ends_with_its_error(full_window: World) -> None:
    full_window.transformer.tick()

    for run_id in range(1, MOST_ATTEMPTS + 1):
        full_window.end_run(run_id, "broken")
        full_window.transformer.tick()
        full_window.seconds += 3600
        full_window.transformer.tick()

    assert (full_window.work().state, full_window.work().error) == (WorkState.FAILED, "broken")
    assert len(full_window.runner.runs) == MOST_ATTEMPTS


def test_a_dead_workspace_is_said_and_nothing_is_lost(full_window: World) -> None:
    full_window.runner.is_down = True

    tick = full_window.transformer.tick()
    full_window.runner.is_down = False
    recovered = full_window.transformer.tick()

    assert (tick.windows, tick.problem) == (1, "Databricks is down")
    assert recovered.submitted == 1


def test_a_request_that_is_refused_says_why_and_is_made_again_until_it_is_taken(
    full_window: World,
) -> None:
    full_window.runner.refuses = True

    refused = full_window.transformer.tick()
    waiting = full_window.work()
    full_window.runner.refuses = False
    taken = full_window.transformer.tick()

    assert refused.problem == "no such node type"
    assert (waiting.attempt, waiting.error) == (1, "no such node type")
    assert (taken.submitted, full_window.work().attempt, full_window.work().error) == (1, 1, None)


def test_one_run_at_a_time_for_a_contract_and_others_beside_it(world: World) -> None:
    other = {"contract": "other"}
    for first in (0, 10, 20, 30):
        events = [an_event(first), an_event(first + 1, properties=other)]
        world.lander.land(a_batch_of(*events))

    tick = world.transformer.tick()
    world.end_run(1)
    next_tick = world.transformer.tick()

    assert (tick.windows, tick.submitted) == (4, 2)
    assert (next_tick.succeeded, next_tick.submitted) == (1, 0)
    assert world.transformer.tick().submitted == 1


def test_two_timers_at_once_make_each_window_once(full_window: World) -> None:
    stale = full_window.works.read_backlog()
    full_window.transformer.tick()

    refused = full_window.works.create_windows(stale, stale.backlog, [])

    assert not refused
    assert len(full_window.works.list_recent("window", 10)) == 1


def test_a_report_that_is_no_json_is_said_and_the_run_has_still_succeeded(
    full_window: World,
) -> None:
    full_window.transformer.tick()
    folder = f"_landfall/reports/{full_window.work().work_id}"
    full_window.lake.files[f"{folder}/part-0"] = b"Traceback (most recent call last):"
    full_window.end_run(1)

    full_window.transformer.tick()

    work = full_window.work()
    assert (work.state, work.figures) == (WorkState.SUCCEEDED, RunFigures())
    assert work.error.startswith(f"its report {folder}/part-0 cannot be read")


def test_a_run_that_cannot_be_told_of_does_not_keep_the_others(world: World) -> None:
    other = {"contract": "other"}
    events = [an_event(0), an_event(1, properties=other)]
    world.lander.land(a_batch_of(*events))
    world.seconds = 60
    world.transformer.tick()
    first, second = (work.run_id for work in world.windows())
    world.runner.unreadable = {first}
    world.end_run(second)

    tick = world.transformer.tick()

    states = {work.run_id: work.state for work in world.windows()}
    assert states == {first: WorkState.SUBMITTED, second: WorkState.SUCCEEDED}
    assert tick.problem == f"Databricks does not tell of run {first}"


def test_after_two_hours_without_a_cluster_every_window_is_in_silver_without_a_person(
    world: World,
) -> None:
    for number in range(40):
        world.lander.land(a_batch(5 * number, 5 * number + 4))
        end_all_runs(world, is_interruption=True)
        world.transformer.tick()
        world.seconds += 180

    for _ in range(60):
        end_all_runs(world, is_interruption=False)
        world.transformer.tick()
        world.seconds += 120

    assert {work.state for work in world.windows()} == {WorkState.SUCCEEDED}
    assert sum(work.attempt for work in world.windows()) == len(world.windows()) == 20


def end_all_runs(world: World, *, is_interruption: bool) -> None:
    for stored in world.works.list_active():
        if stored.work.state is WorkState.SUBMITTED:
            error = "CLOUD_FAILURE" if is_interruption else ""
            world.end_run(stored.work.run_id, error, is_interruption=is_interruption)

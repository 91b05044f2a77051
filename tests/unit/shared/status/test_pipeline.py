from dataclasses import replace

import pytest

from shared.contracts.contract import ContractId
from shared.encoding.encoder_choice import choose_core
from shared.errors import Dependency
from shared.hub.properties import HubPartition
from shared.landing.circuit_breaker import Outage
from shared.ledger.batch import Counts
from shared.ledger.partition import GapState, Partition
from shared.status.document import status_document
from shared.status.pipeline import PipelineStatus, describe_pipeline, failing_pipeline
from shared.status.work import WorkStatus
from shared.transform.work import WorkState
from tests.builders import a_gap, a_generation, a_partition, a_time, a_work, an_address

TELEMETRY = ContractId(name="telemetry", version=1)
HUB = HubPartition(
    address=an_address(),
    begin=0,
    last_enqueued=29,
    last_enqueued_at=a_time(29),
    created_at=a_time(0),
)


def described(
    *partitions: Partition,
    hub: tuple[HubPartition, ...] = (HUB,),
    problems: tuple[str, ...] = (),
    work: WorkStatus = WorkStatus(),  # noqa: B008 - it is frozen
    outage: Outage | None = None,
    conflicts: tuple[str, ...] = (),
) -> PipelineStatus:
    return describe_pipeline(
        partitions=partitions,
        hub_partitions=hub,
        contracts=[TELEMETRY],
        work=work,
        problems=problems,
        as_of=a_time(100),
        outage=outage,
        conflicts=conflicts,
        core=choose_core([], "reference"),
    )


def counted(landed: int, quarantined: int) -> dict[str, Counts]:
    reasons = {"invalid_json": quarantined}
    return {"telemetry/1": Counts(landed=landed, quarantined=quarantined, reasons=reasons)}


def test_all_committed_is_ok_and_the_totals_add_up() -> None:
    status = described(a_partition(0, 30, counts=counted(28, 2), duplicates=5))

    totals = status.totals
    assert (status.state, status.reasons) == ("ok", ())
    assert (totals.events, totals.landed, totals.quarantined) == (30, 28, 2)
    assert (totals.duplicates, totals.missing, totals.lost) == (5, 0, 0)
    assert (status.partitions[0].lag_events, status.partitions[0].lag_seconds) == (0, 0)


def test_an_open_gap_degrades_and_a_lost_one_fails() -> None:
    degraded = described(a_partition(0, 30, a_gap(3, 5)))
    failing = described(a_partition(0, 30, a_gap(3, 5), a_gap(7, 7, GapState.LOST)))

    assert (degraded.state, degraded.reasons) == ("degraded", ("missing: 3 events in open gaps",))
    assert (failing.state, failing.totals.missing, failing.totals.lost) == ("failing", 3, 1)


def test_what_is_lost_fails_until_it_is_acknowledged_and_stays_in_the_numbers() -> None:
    seen, new = a_gap(3, 5, GapState.ACKNOWLEDGED), a_gap(7, 7, GapState.LOST)

    acknowledged = described(a_partition(0, 30, seen))
    failing = described(a_partition(0, 30, seen, new))

    assert (acknowledged.state, acknowledged.reasons) == ("ok", ())
    assert (acknowledged.totals.lost, acknowledged.totals.unacknowledged) == (3, 0)
    assert failing.state == "failing"
    assert failing.reasons == ("lost: 1 events that the hub no longer holds",)
    assert (failing.totals.lost, failing.totals.unacknowledged) == (4, 1)
    assert failing.partitions[0].gaps == (seen, new)


def test_an_outage_degrades_and_says_which_dependency_and_since_when() -> None:
    status = described(outage=Outage(dependency=Dependency.LAKE, since=a_time(5)))

    assert (status.state, status.reasons) == (
        "degraded",
        ("lake: down since 2026-01-01T00:00:05+00:00, landing waits",),
    )
    assert status_document(status)["outage"] == {
        "dependency": "lake",
        "since": "2026-01-01T00:00:05+00:00",
    }


def test_a_partition_that_a_conflict_holds_fails_until_a_person_has_looked() -> None:
    status = described(conflicts=("hub/p003: x.avro holds other bytes",))

    assert (status.state, status.reasons) == ("failing", ("hub/p003: x.avro holds other bytes",))


def test_lag_counts_what_the_hub_has_beyond_the_head() -> None:
    partition = described(a_partition(0, 20)).partitions[0]

    assert (partition.lag_events, partition.lag_seconds) == (10, 81.0)


def test_a_hub_that_answered_before_the_last_commit_makes_no_negative_lag() -> None:
    partition = described(a_partition(0, 50)).partitions[0]

    assert (partition.lag_events, partition.lag_seconds) == (0, 0)


def test_a_dependency_that_is_down_degrades_and_says_which() -> None:
    status = described(a_partition(0, 30), hub=(), problems=("hub: it is down",))

    partition = status.partitions[0]
    assert (status.state, status.reasons) == ("degraded", ("hub: it is down",))
    assert (partition.last_enqueued, partition.lag_events, partition.lag_seconds) == (
        None,
        None,
        None,
    )


def test_a_partition_without_a_head_is_shown_from_the_hub() -> None:
    partition = described(hub=(replace(HUB, begin=10),)).partitions[0]

    assert (partition.start, partition.head, partition.lag_events) == (10, 10, 20)


def test_an_ended_generation_counts_in_the_totals_and_has_no_lag() -> None:
    ended = a_generation(0, 1000, a_gap(5, 9, GapState.LOST))

    status = described(a_partition(0, 30, number=1, ended=(ended,)))

    assert status.totals.events == 1030
    assert [(item.generation, item.lag_events) for item in status.partitions] == [(0, None), (1, 0)]


def test_a_contract_is_listed_before_its_first_event_and_strangers_without_a_name() -> None:
    partition = a_partition(
        0, 1, counts={"": Counts(quarantined=1, reasons={"unknown_contract": 1})}
    )

    contracts = described(partition).contracts

    assert [(item.name, item.version, item.counts.quarantined) for item in contracts] == [
        (None, None, 1),
        ("telemetry", 1, 0),
    ]


def test_a_configuration_that_cannot_work_is_failing() -> None:
    document = status_document(failing_pipeline("configuration: broken", a_time()))

    assert (document["state"], document["reasons"]) == ("failing", ["configuration: broken"])


def test_the_document_is_what_the_public_surface_promises() -> None:
    partition = a_partition(0, 30, a_gap(3, 5), counts=counted(25, 2))

    document = status_document(described(partition))

    assert document == {
        "state": "degraded",
        "as_of": a_time(100).isoformat(),
        "outage": None,
        "core": {"name": "reference", "version": None, "problem": None, "fallbacks": {}},
        "reasons": ["missing: 3 events in open gaps"],
        "ingest": {
            "totals": {
                "events": 30,
                "landed": 25,
                "quarantined": 2,
                "duplicates": 0,
                "missing": 3,
                "lost": 0,
                "unacknowledged": 0,
            },
            "partitions": [
                {
                    "hub": "hub",
                    "partition_id": "0",
                    "generation": 0,
                    "start": 0,
                    "head": 30,
                    "last_enqueued": 29,
                    "lag_events": 0,
                    "lag_seconds": 0,
                    "gaps": [{"first": 3, "last": 5, "state": "open"}],
                }
            ],
        },
        "contracts": [
            {
                "name": "telemetry",
                "version": 1,
                "landed": 25,
                "quarantined": 2,
                "reasons": {"invalid_json": 2},
            }
        ],
        "transform": {"pending_batches": 0, "oldest_pending_seconds": None, "runs": []},
        "dropzone": [],
    }


@pytest.mark.parametrize("field", ["events", "landed", "quarantined", "missing", "lost"])
def test_an_empty_ledger_has_zeros(field: str) -> None:
    assert getattr(described(hub=()).totals, field) == 0


def test_work_whose_runs_failed_fails_the_pipeline_and_an_unusable_file_does_not() -> None:
    failed = a_work(state=WorkState.FAILED, attempt=4, error="the disk is full")
    upload = replace(failed, kind="upload")

    window = described(work=WorkStatus(windows=[failed]))
    ran = described(work=WorkStatus(uploads=[replace(upload, run_id=7)]))
    unusable = described(work=WorkStatus(uploads=[upload]))

    assert (window.state, window.reasons) == (
        "failing",
        (
            "transform: w-1 failed 4 times: the disk is full; once that is mended:"
            " `landfall windows retry w-1`",
        ),
    )
    assert (ran.state, unusable.state) == ("failing", "ok")


def test_work_that_is_hindered_degrades_the_pipeline_and_says_by_what() -> None:
    waiting = a_work(error="Databricks is down")

    status = described(work=WorkStatus(windows=[waiting]))

    assert (status.state, status.reasons) == ("degraded", ("transform: w-1: Databricks is down",))

from datetime import timedelta

from shared.status.document import dropzone_document, transform_document
from shared.status.work import WorkStatus, read_work_status
from shared.transform.transformer import Transformer
from shared.transform.windows import WindowLimits
from shared.transform.work import RunFigures, WorkState
from tests.builders import a_batch, a_time, a_work
from tests.landers import a_lander
from tests.memory import (
    MemoryLake,
    MemoryLedger,
    MemoryRunner,
    MemoryWorkStore,
)


def landed(*batches: tuple[int, int]) -> MemoryLedger:
    ledger = MemoryLedger()
    seconds = iter(range(100, 200, 10))
    lander = a_lander(MemoryLake(), ledger, clock=lambda: a_time(next(seconds)))
    for first, last in batches:
        lander.land(a_batch(first, last))
    return ledger


def transformer(ledger: MemoryLedger, works: MemoryWorkStore, files: int) -> Transformer:
    return Transformer(
        ledger=ledger,
        works=works,
        lake=MemoryLake(),
        runner=MemoryRunner(),
        limits=WindowLimits(files=files, bytes=10**9, age=timedelta(hours=1)),
        backoff=timedelta(seconds=30),
        timeout=timedelta(hours=1),
        lake_uri="abfss://lake",
        clock=lambda: a_time(500),
    )


def test_batches_that_no_tick_has_seen_are_pending() -> None:
    ledger = landed((0, 4), (5, 9))

    status = read_work_status(ledger, MemoryWorkStore())

    assert status.pending_batches == 2
    assert status.oldest_pending_at == ledger.batches[0].committed_at


def test_batches_that_wait_for_a_full_window_are_pending() -> None:
    ledger, works = landed((0, 4), (5, 9)), MemoryWorkStore()
    transformer(ledger, works, files=5).tick()

    status = read_work_status(ledger, works)

    assert status.pending_batches == 2
    assert status.oldest_pending_at == ledger.batches[0].committed_at


def test_batches_in_a_window_are_its_run_and_no_longer_pending() -> None:
    ledger, works = landed((0, 4), (5, 9)), MemoryWorkStore()
    transformer(ledger, works, files=2).tick()

    status = read_work_status(ledger, works)

    assert (status.pending_batches, status.oldest_pending_at) == (0, None)
    assert [work.state for work in status.windows] == [WorkState.SUBMITTED]


def test_the_documents_are_what_the_public_surface_promises() -> None:
    window = a_work(
        state=WorkState.SUCCEEDED,
        run_id=7,
        url="http://run/7",
        submitted_at=a_time(1),
        ended_at=a_time(9),
        figures=RunFigures(rows_in=5, rows_out=5, rows_quarantined=0),
    )
    upload = a_work("u-1", kind="upload", source="telemetry/a.csv", state=WorkState.FAILED)
    status = WorkStatus(
        pending_batches=3, oldest_pending_at=a_time(60), windows=[window], uploads=[upload]
    )

    assert transform_document(status, a_time(100)) == {
        "pending_batches": 3,
        "oldest_pending_seconds": 40.0,
        "runs": [
            {
                "run_id": 7,
                "window": "w-1",
                "contract": "telemetry/1",
                "state": "succeeded",
                "attempt": 1,
                "submitted_at": a_time(1).isoformat(),
                "ended_at": a_time(9).isoformat(),
                "rows_in": 5,
                "rows_out": 5,
                "url": "http://run/7",
                "error": None,
            }
        ],
    }
    assert dropzone_document(status) == [
        {
            "path": "telemetry/a.csv",
            "contract": "telemetry/1",
            "state": "failed",
            "run_id": None,
            "rows_in": None,
            "rows_out": None,
            "rows_quarantined": None,
            "error": None,
        }
    ]

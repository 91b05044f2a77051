"""A ledger and a lake that an earlier version wrote: this one reads them, and goes on with them.

`recorded/` was written by the commit 121c03d, before rows had a format version: two partitions, of
which each has two generations, an acknowledged and two open gaps, a redrive, two windows with their
reports, and three dropped files of which one still runs. The status and the pages of batches are
what that version answered.
"""

import json
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.data.tables import TableClient, TableServiceClient

from local.app_settings import app_settings
from local.stack import Stack
from ops.audit.run import Audit, Scope, audit_batch, run_audit
from ops.quarantine.events import Selection
from ops.quarantine.reading import Quarantine
from ops.replay import replay
from shared.adapters.documents import FORMAT
from shared.adapters.ledger_entities import (
    batch_entities,
    closed_entity,
    head_entity,
    index_entity,
    parse_batch,
    parse_closed,
    parse_head,
    parse_index,
)
from shared.adapters.work_entities import (
    backlog_entity,
    parse_backlog,
    parse_work,
    work_entity,
)
from shared.hub.address import PartitionAddress
from shared.hub.events import Event, EventBatch
from shared.lake import Lake
from shared.landing.lander import Lander
from shared.landing.reconciler import Reconciler
from shared.landing.sweeper import Sweeper
from shared.service import Service
from shared.settings import read_settings
from shared.status.document import status_document
from shared.status.pipeline import describe_pipeline
from shared.status.work import read_work_status
from shared.transform.transformer import Transformer
from tests.landers import a_lander
from tests.memory import MemoryHub, MemoryRunner

RECORDED = Path(__file__).with_name("recorded")
LAKE = RECORDED / "lake"
FIRST, SECOND = (PartitionAddress(hub="events", partition_id=number) for number in "01")


def read_json(name: str) -> Any:
    return json.loads((RECORDED / name).read_text())


ROWS: list[dict[str, Any]] = read_json("rows.json")


def rows_of(prefix: str, partition_key: str = "") -> list[dict[str, Any]]:
    return [
        row
        for row in ROWS
        if row["RowKey"].startswith(prefix) and row["PartitionKey"].startswith(partition_key)
    ]


@pytest.fixture
def service(services: Stack, request: pytest.FixtureRequest) -> Service:
    """The service on a table and a file system that hold what was recorded."""
    name = f"recorded{abs(hash(request.node.name)) % 10**9}"
    settings = app_settings(services.ports, services.data) | {
        "LANDFALL_LEDGER_TABLE": name,
        "LANDFALL_LAKE_FILESYSTEM": name,
    }
    tables = TableServiceClient.from_connection_string(settings["LANDFALL_LEDGER"])
    write_rows(tables.create_table(name))
    service = Service(read_settings(settings))
    for path in (path for path in LAKE.rglob("*") if path.is_file()):
        write_file(service.lake, path)
    return service


def write_rows(table: TableClient) -> None:
    for row in ROWS:
        table.create_entity(row)


def write_file(lake: Lake, path: Path) -> None:
    lake.put_if_absent(path.relative_to(LAKE).as_posix(), path.read_bytes(), "")


@pytest.fixture
def hub() -> MemoryHub:
    """The hub as it was: its first partition holds more than has landed of it."""
    recorded = read_json("hub.json")
    hub = MemoryHub(name="events", created_at=datetime.fromisoformat(recorded["created_at"]))
    hub.hold("0", *map(recorded_event, recorded["events"]["0"]))
    return hub


def recorded_event(item: dict[str, Any]) -> Event:
    return Event(
        sequence_number=item["number"],
        enqueued_at=datetime.fromisoformat(item["enqueued_at"]),
        body=b64decode(item["body"]),
        properties=item["properties"],
        content_type=item["content_type"],
        partition_key=item["partition_key"],
    )


@pytest.fixture
def lander(service: Service, hub: MemoryHub) -> Lander:
    return a_lander(service.lake, service.ledger, hub, service.contracts, lambda: datetime.now(UTC))


def audited(service: Service) -> Audit:
    return run_audit(
        service,
        Scope(),
        lambda batches: (audit_batch(batch, service.lake.read) for batch in batches),
        lambda *_: None,
    )


def without_format(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != FORMAT}


def test_the_status_is_the_one_that_the_earlier_version_gave(service: Service) -> None:
    recorded = read_json("status.json")
    as_of = datetime.fromisoformat(recorded["as_of"])

    status = describe_pipeline(
        partitions=service.ledger.list_partitions(),
        hub_partitions=(),
        contracts=[contract.id for contract in service.contracts],
        work=read_work_status(service.ledger, service.works),
        problems=(),
        as_of=as_of,
        core=service.core,
    )

    document = json.loads(json.dumps(status_document(status)))
    from_hub = ("last_enqueued", "lag_events", "lag_seconds")
    for partition in recorded["ingest"]["partitions"]:
        partition.update(dict.fromkeys(from_hub))
    assert document == recorded


@pytest.mark.parametrize("partition_id", ["0", "1"])
def test_a_page_of_batches_is_the_one_that_the_earlier_version_gave(
    service: Service, partition_id: str
) -> None:
    page = service.list_batches_document({"partition": partition_id})

    assert json.loads(json.dumps(page)) == read_json("batches.json")[partition_id]


def test_a_row_is_written_again_as_it_was_but_for_its_format() -> None:
    heads = rows_of("head", "events:")
    batches = [*rows_of("batch:"), *rows_of("commit:")]
    works = [*rows_of("active:"), *rows_of("ended:")]
    (backlog,) = rows_of("backlog")

    assert (len(heads), len(works)) == (2, 5)
    assert [without_format(head_entity(parse_head(row))) for row in heads] == [
        with_commits_of_the_partition(row) for row in heads
    ]
    assert [written_batch(row) for row in batches] == batches
    assert [without_format(work_entity(parse_work(row))) for row in works] == works
    assert without_format(backlog_entity(parse_backlog(backlog))) == backlog
    assert [without_format(index_entity(parse_index(row))) for row in rows_of("", "heads")] == (
        rows_of("", "heads")
    )


def with_commits_of_the_partition(row: dict[str, Any]) -> dict[str, Any]:
    """Ended generations had their own count of commits, which nobody read."""
    document = json.loads(row["json00"])
    document["ended"] = [ended | {"commits": document["commits"]} for ended in document["ended"]]
    return row | {"json00": json.dumps(document, separators=(",", ":"))}


def written_batch(row: dict[str, Any]) -> dict[str, Any]:
    written = batch_entities(parse_batch(row))
    return next(without_format(item) for item in written if item["RowKey"] == row["RowKey"])


def test_a_generation_that_ended_is_the_one_that_the_head_has() -> None:
    closed = {row["PartitionKey"]: parse_closed(row) for row in rows_of("closed:")}
    heads = {row["PartitionKey"]: parse_head(row) for row in rows_of("head", "events:")}

    assert closed.keys() == heads.keys()
    assert [closed[key].head for key in closed] == [heads[key].ended[0].head for key in closed]
    assert closed_entity(heads["events:00001"], closed["events:00001"])["RowKey"] == "closed:00000"


def test_what_was_recorded_holds_under_the_audit(service: Service) -> None:
    found = audited(service)

    assert found.problems == ()
    assert sum(line.landed + line.quarantined for line in found.generations) == 131


def test_it_is_landed_into_and_its_gap_is_filled_and_all_holds(
    service: Service, hub: MemoryHub, lander: Lander
) -> None:
    reconciler = Reconciler(
        ledger=service.ledger,
        hub=hub,
        read_partitions=hub.read_partitions,
        events=hub,
        lander=lander,
        sweeper=Sweeper(service.lake, service.ledger),
        clock=lambda: datetime.now(UTC),
    )

    (filled,) = reconciler.tick().partitions
    rest = tuple(event for event in hub.events["0"].values() if event.sequence_number >= 15)
    landing = lander.land(EventBatch(address=FIRST, events=rest))

    stored = service.ledger.read(FIRST)
    assert stored is not None
    assert (filled.replayed, landing.duplicates, landing.generation) == (5, 5, 1)
    assert (stored.partition.current.gaps, stored.partition.current.head) == ((), 34)
    assert audited(service).problems == ()


def test_it_is_replayed(service: Service, hub: MemoryHub, lander: Lander) -> None:
    partition = hub.read_partition("0")

    done = replay(partition, partition.held, hub, lander)

    assert done.is_complete
    assert (done.counts.landed + done.counts.quarantined, done.duplicates) == (19, 15)
    assert audited(service).problems == ()


def test_its_quarantine_is_read_and_knows_what_was_redriven(service: Service) -> None:
    found = list(Quarantine(service).read(Selection()))

    redriven = [item for item in found if item.redriven_by is not None]
    assert len(found) == 14
    assert [(item.contract, str(item.place)) for item in redriven] == [
        ("no_such_contract/1", "events/p001 g0")
    ]


def test_windows_go_on_with_what_no_window_has(service: Service) -> None:
    runner = MemoryRunner()
    transformer = Transformer(
        ledger=service.ledger,
        works=service.works,
        lake=service.lake,
        runner=runner,
        limits=service.settings.window_limits,
        backoff=timedelta(seconds=1),
        timeout=timedelta(hours=1),
        lake_uri="lake",
        clock=lambda: datetime.now(UTC) + timedelta(days=1),
    )

    tick = transformer.tick()

    assert (tick.windows, tick.submitted, tick.problem) == (1, 1, "")
    assert audited(service).problems == ()

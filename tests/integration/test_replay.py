"""Gaps filled from the real hub, over AMQP, into the real lake and ledger."""

import gc
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest

from local.parts import ROOT
from local.ports import find_free_base, ports_from
from local.stack import Stack
from ops.__main__ import main
from shared.hub.address import PartitionAddress
from shared.hub.events import Event, EventBatch
from shared.hub.sequence_range import SequenceRange
from shared.landing.reconciler import STUCK
from shared.service import Service, utc_now
from tests.integration.pipeline import Pipeline, serving
from tests.integration.spark_fixture import IGNORING_UNCLOSED_SOCKETS

SENT = 60
ADDRESS = PartitionAddress(hub="events", partition_id="0")
pytestmark = IGNORING_UNCLOSED_SOCKETS


class Clock:
    """The time, and what a test adds to it."""

    ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


@pytest.fixture
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """A hub of one partition that holds 60 events, of which none was delivered."""
    stack = Stack(data=tmp_path_factory.mktemp("replay"), ports=ports_from(find_free_base()))
    try:
        stack.up(("events:1",), with_host=False)
        send(stack)
        yield Pipeline(stack, tmp_path_factory.mktemp("contracts") / "contracts")
    finally:
        gc.collect()
        stack.down()


def test_gaps_and_what_never_arrived_are_read_again_from_the_hub(
    held: Pipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = Clock()
    with serving(held.new_service(clock=clock)) as service:
        events = tuple(the_events(service, 20, 29))
        service.lander.land(EventBatch(address=ADDRESS, events=events))
        opened = held.get("status")["ingest"]["totals"]

        held.reconcile()
        filled = held.get("status")["ingest"]["totals"]
        clock.ahead = STUCK
        held.reconcile()

        closed = held.get("status")["ingest"]["totals"]
        page = held.get("batches", partition="0", **{"from": "0"})
    assert (opened["missing"], opened["events"]) == (20, 30)
    assert (filled["missing"], filled["events"]) == (0, 30)
    assert (closed["missing"], closed["duplicates"], closed["events"]) == (0, 0, SENT)
    assert (closed["landed"], closed["quarantined"]) == (54, 6)
    assert [(batch["first"], batch["last"]) for batch in page["batches"]] == [
        (0, 19),
        (20, 29),
        (30, 59),
    ]
    command = ["replay", "--stack", str(held.stack.file), "--partition", "0"]
    capsys.readouterr()
    assert main([*command, "--from", "10", "--to", str(SENT + 4)]) == 1
    assert capsys.readouterr().out.split("\n")[:5] == [
        "read                 50",
        "landed                0",
        "quarantined           0",
        "duplicates           50",
        "the hub does not have yet 60-64",
    ]


def test_an_event_that_is_read_again_is_the_one_that_was_sent(held: Pipeline) -> None:
    (event,) = the_events(held.new_service(), 7, 7)

    assert event.sequence_number == 7
    assert event.content_type == "application/json"
    assert event.properties == {"contract": "telemetry/1"}
    assert event.enqueued_at.tzinfo is not None
    assert json.loads(event.body)["device_id"].startswith("device-")


def the_events(service: Service, first: int, last: int) -> Sequence[Event]:
    return service.events.read_again("0", SequenceRange(first=first, last=last))


def send(stack: Stack) -> None:
    command = [sys.executable, "-m", "producer", "--stack", str(stack.file)]
    command += ["--contract", "telemetry", "--count", str(SENT), "--bad", "0.1"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

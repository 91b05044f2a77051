"""The producer's command against the hub emulator, in fair weather and foul."""

import json
import signal
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from producer.partitioning import Partitioner
from producer.source import synthesized_events
from shared.adapters.contract_files import load_contracts
from shared.contracts.catalog import ContractCatalog
from tests.contract.emulator_process import eventually
from tests.contract.hub_fixture import IGNORING_CUT_SOCKETS, side_by_side

pytestmark = IGNORING_CUT_SOCKETS

ROOT = Path(__file__).parents[2]
TELEMETRY = ContractCatalog(load_contracts(ROOT / "contracts")).find("telemetry")
COUNT = 1500
DEADLINE_SECONDS = 40
AT_ONCE = 4  # each is a process, which takes a second of a core to start


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run of the producer came to."""

    code: int
    output: str
    errors: str
    report: dict[str, Any]


def start(hubs, hub, *arguments, source=("--count", str(COUNT))):
    report = hubs.data / f"{hub}.json"
    command = [sys.executable, "-m", "producer", "--contract", "telemetry", *source, "--seed", "5"]
    command += ["--connection", hubs.connection_string(hub), "--report", str(report)]
    process = subprocess.Popen(
        [*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    return process, report


def finish(process, report):
    output, errors = process.communicate(timeout=DEADLINE_SECONDS)
    return Outcome(
        code=process.returncode,
        output=output,
        errors=errors,
        report=json.loads(report.read_text()),
    )


def produce(hubs, hub, *arguments, **options):
    return finish(*start(hubs, hub, *arguments, **options))


def expected(partition_ids, bad="0"):
    """Return what each partition is to hold, in order."""
    partitioner = Partitioner(partition_ids)
    bodies = defaultdict(list)
    for event in synthesized_events(TELEMETRY, COUNT, 5, Fraction(bad), "json"):
        bodies[partitioner.choose(event)].append(event.body)
    return bodies


def counts(hubs, hub, *partition_ids):
    return {name: hubs.partition(hub, name)["count"] for name in partition_ids}


def stored(hubs, hub, *partition_ids):
    totals = counts(hubs, hub, *partition_ids)
    return {name: hubs.take(hub, count, name) for name, count in totals.items()}


@side_by_side
def test_every_event_arrives_in_order_within_its_partition(hubs):
    hub = hubs.new_hub(partitions=3)
    outcome = produce(hubs, hub, "--bad", "0.05")
    assert outcome.code == 0, outcome.errors
    assert stored(hubs, hub, "0", "1", "2") == expected(("0", "1", "2"), "0.05")


@side_by_side
def test_the_reports_totals_are_the_hubs(hubs):
    hub = hubs.new_hub(partitions=3)
    outcome = produce(hubs, hub, "--bad", "0.1")
    assert outcome.report["partitions"] == counts(hubs, hub, "0", "1", "2")
    assert outcome.report["sent"] == COUNT
    assert outcome.report["bad"] == sum(outcome.report["bad_by_reason"].values()) == COUNT // 10
    assert f"sent {COUNT:,}" in outcome.output
    assert "partition   2" in outcome.output


@side_by_side
def test_throttling_loses_and_doubles_nothing(hubs):
    hub = hubs.new_hub(partitions=2)
    hubs.emulator.set_fault(kind="server-busy", hub=hub, count=6)
    outcome = produce(hubs, hub)
    assert outcome.code == 0, outcome.errors
    assert stored(hubs, hub, "0", "1") == expected(("0", "1"))
    assert hubs.fired(hub) == [6] == [outcome.report["throttled"]]
    assert outcome.report["resends"]["possible_duplicates"] == 0


@side_by_side
def test_connections_that_drop_before_the_hub_stores_lose_nothing(hubs):
    hub = hubs.new_hub(partitions=2)
    hubs.emulator.set_fault(kind="drop-before-store", hub=hub, count=2)
    outcome = produce(hubs, hub)
    assert outcome.code == 0, outcome.errors
    assert stored(hubs, hub, "0", "1") == expected(("0", "1"))
    assert hubs.fired(hub) == [2]


@side_by_side
def test_detached_links_lose_nothing(hubs):
    hub = hubs.new_hub(partitions=2)
    hubs.emulator.set_fault(kind="detach", hub=hub, on="send", count=2)
    outcome = produce(hubs, hub)
    assert outcome.code == 0, outcome.errors
    assert stored(hubs, hub, "0", "1") == expected(("0", "1"))


@side_by_side
def test_lost_acknowledgments_are_resent_and_counted_as_possible_duplicates(hubs):
    hub = hubs.new_hub()
    hubs.emulator.set_fault(kind="drop-after-store", hub=hub, count=3)
    outcome = produce(hubs, hub)
    doubled = outcome.report["resends"]["possible_duplicates"]
    assert outcome.report["resends"]["batches"] == 3
    assert counts(hubs, hub, "0") == {"0": COUNT + doubled}
    assert stored(hubs, hub, "0")["0"][doubled:] == expected(("0",))["0"]


@side_by_side
def test_a_hub_that_takes_nothing_ends_the_run_and_the_report_says_what_is_missing(hubs):
    hub = hubs.new_hub()
    hubs.emulator.set_fault(kind="server-busy", hub=hub, count=1_000_000)
    outcome = produce(hubs, hub, "--patience", "0.5")
    assert outcome.code == 1
    assert "the hub took nothing" in outcome.errors
    assert outcome.report["sent"] == counts(hubs, hub, "0")["0"] == 0
    assert outcome.report["unsent"]["count"] == outcome.report["taken"]


@side_by_side
def test_an_event_too_large_is_refused_by_name_and_the_others_arrive(hubs):
    hub = hubs.new_hub()
    path = hubs.data / "large.jsonl"
    path.write_bytes(b"\n".join([b'{"a": 1}', b'{"a": "%s"}' % (b"x" * 2**21), b'{"a": 3}']))
    outcome = produce(hubs, hub, source=("--file", str(path)))
    assert outcome.code == 1
    assert [event["index"] for event in outcome.report["refused"]] == [1]
    assert stored(hubs, hub, "0") == {"0": [b'{"a": 1}', b'{"a": 3}']}


@side_by_side
def test_an_interrupted_run_reports_what_was_sent(hubs):
    hub = hubs.new_hub()
    process, report = start(hubs, hub, "--rate", "100")
    eventually(lambda: counts(hubs, hub, "0")["0"] > 0)
    process.send_signal(signal.SIGTERM)
    outcome = finish(process, report)
    sent, unsent = outcome.report["sent"], outcome.report["unsent"]["count"]
    assert (outcome.code, outcome.report["error"]) == (1, "interrupted")
    assert sent <= counts(hubs, hub, "0")["0"] <= sent + unsent < COUNT


@side_by_side
def test_a_key_that_is_wrong_ends_the_run_at_once(hubs):
    hub = hubs.new_hub()
    outcome = produce(hubs, hub, "--connection", hubs.connection_string(hub, key="wrong"))
    assert outcome.code == 1
    assert "AuthenticationError" in outcome.errors


@side_by_side
def test_a_hub_that_is_not_there_ends_the_run_at_once(hubs):
    outcome = produce(hubs, hubs.new_hub(), "--hub", "no-such-hub")
    assert outcome.code == 1
    assert "0 events were sent" in outcome.errors


@side_by_side
def test_events_name_their_contract_and_content_type(hubs):
    hub = hubs.new_hub()
    produce(hubs, hub, "--format", "avro", source=("--count", "1"))
    produce(hubs, hub, "--format", "json", source=("--count", "1"))
    events = hubs.read(hub, 2)
    assert [event.properties for event in events] == [{b"contract": b"telemetry/1"}] * 2
    assert [event.content_type for event in events] == ["avro/binary", "application/json"]


def test_a_command_that_makes_no_sense_sends_nothing_and_says_why():
    command = [sys.executable, "-m", "producer", "--contract", "no_such", "--count", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "telemetry/1" in done.stderr

"""The account of a run: partitions, patience, the tally and the report."""

import json
from random import Random

import pytest
from azure.eventhub.exceptions import AuthenticationError, ConnectionLostError, EventDataSendError

from producer.errors import HubRefusedError, StalledError
from producer.partitioning import Partitioner
from producer.patience import SendPatience, TooLargeError
from producer.progress import progress_line
from producer.report import Report
from producer.stream import OutgoingEvent
from producer.tally import SentTally
from shared.values.rejection import Reason


def event(index, *, key=None, bad=None):
    return OutgoingEvent(
        index=index,
        body=b"{}",
        content_type="application/json",
        contract="telemetry/1",
        partition_key=key,
        known_bad=bad,
    )


def report(tally, error=None):
    return Report(
        contract="telemetry/1",
        hub="ns/events",
        source="synthesized",
        body_format="json",
        seed=7,
        seconds=2.0,
        error=error,
        tally=tally,
    )


def failing(*errors):
    remaining = list(errors)

    async def operation():
        if remaining:
            raise remaining.pop(0)
        return "done"

    return operation


def patience(tally, seconds=60.0):
    return SendPatience(seconds=seconds, tally=tally, random=Random(1))


def test_a_key_keeps_its_partition_and_keys_spread_over_all():
    partitioner = Partitioner(["0", "1", "2", "3"])
    chosen = {
        key: {partitioner.choose(event(index, key=key)) for index in range(3)}
        for key in map(str, range(100))
    }
    assert {len(partitions) for partitions in chosen.values()} == {1}
    assert set.union(*chosen.values()) == {"0", "1", "2", "3"}


def test_events_without_a_key_take_partitions_in_turn():
    partitioner = Partitioner(["0", "1", "2"])
    assert [partitioner.choose(event(index)) for index in range(4)] == ["0", "1", "2", "0"]


async def test_what_fails_for_a_while_is_tried_again_and_counted():
    tally = SentTally()
    busy = EventDataSendError("com.microsoft:server-busy")
    lost = ConnectionLostError("gone")
    assert await patience(tally).keep_trying(failing(busy, lost), 10) == "done"
    assert tally.throttled_count == 1
    assert (tally.resent_batches, tally.resent_events, tally.possible_duplicates) == (2, 20, 10)


async def test_patience_ends_when_nothing_gets_through():
    with pytest.raises(StalledError, match="gone"):
        await patience(SentTally(), seconds=0).keep_trying(failing(ConnectionLostError("gone")))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (AuthenticationError("wrong key"), HubRefusedError),
        (EventDataSendError("amqp:not-found"), HubRefusedError),
        (EventDataSendError("amqp:link:message-size-exceeded"), TooLargeError),
    ],
)
async def test_what_does_not_pass_by_itself_is_not_tried_again(error, kind):
    tally = SentTally()
    with pytest.raises(kind):
        await patience(tally).keep_trying(failing(error), 1)
    assert tally.resent_batches == 0


def test_every_event_taken_is_sent_refused_or_named_as_unsent():
    tally = SentTally()
    events = [event(index) for index in range(6)]
    tally.take(events)
    tally.acknowledge("0", events[:2])
    tally.refuse(events[3], "too large")
    document = report(tally, error="stopped").document()
    assert (document["taken"], document["sent"]) == (6, 2)
    assert [item["index"] for item in document["refused"]] == [3]
    assert document["unsent"] == {"count": 3, "indexes": [[2, 2], [4, 5]]}
    assert document["complete"] is False


def test_the_report_names_each_bad_event_and_the_partitions(tmp_path):
    tally = SentTally()
    events = [event(0), event(1, bad=Reason.EMPTY_BODY, key="d"), event(2)]
    tally.take(events)
    tally.acknowledge("10", events[1:])
    tally.acknowledge("9", events[:1])
    report(tally).write(tmp_path / "new" / "report.json")
    document = json.loads((tmp_path / "new" / "report.json").read_text())
    assert document["partitions"] == {"9": 1, "10": 2}
    assert document["bad_by_reason"] == {"empty_body": 1}
    assert document["bad_events"] == [
        {"index": 1, "reason": "empty_body", "partition_id": "10", "partition_key": "d"}
    ]
    assert (document["sent"], document["good"], document["bad"]) == (3, 2, 1)
    assert document["complete"] is True


def test_the_lines_for_people_hold_the_totals_per_partition():
    tally = SentTally()
    tally.take([event(0)])
    tally.acknowledge("3", [event(0)])
    assert any("partition   3" in line for line in report(tally).lines())
    assert list(report(tally).problems()) == []


def test_problems_say_how_many_were_sent_and_which_were_not():
    tally = SentTally()
    tally.take([event(0), event(1)])
    tally.acknowledge("0", [event(0)])
    problems = "\n".join(report(tally, error="the hub took nothing for 60 s").problems())
    assert "1 events were sent" in problems
    assert "1 events, indexes 1-1" in problems
    assert "from index 2" in problems


def test_progress_says_what_slows_it_down():
    tally = SentTally(throttled_count=2, resent_batches=3)
    assert progress_line(tally, 10, 1.0) == (
        "0 of 10 events sent, 0 events/s, throttled 2 times, 3 batches resent"
    )

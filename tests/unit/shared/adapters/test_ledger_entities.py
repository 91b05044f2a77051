from shared.adapters.documents import entity, parse_document
from shared.adapters.ledger_entities import (
    HEAD,
    LEDGER_FORMAT,
    head_entity,
    parse_head,
)
from shared.ledger.batch import Counts
from shared.ledger.partition import GapState
from tests.builders import a_gap, a_generation, a_partition, a_time


def test_a_partition_with_its_ended_generations_is_read_back_as_it_was_written() -> None:
    ended = a_generation(
        0,
        20,
        a_gap(5, 6, GapState.LOST),
        counts={"simple/1": Counts(landed=18)},
        hub_created_at=a_time(-60),
    )
    partition = a_partition(
        0,
        5,
        number=1,
        commits=7,
        earliest_enqueued_at=a_time(900),
        latest_enqueued_at=a_time(4000),
        hub_created_at=a_time(890),
        ended=(ended,),
    )

    assert parse_head(head_entity(partition)) == partition


def test_a_row_from_before_times_and_ended_generations_were_kept_is_read() -> None:
    new = {"earliest_enqueued_at", "latest_enqueued_at", "hub_created_at", "ended"}
    written = parse_document(head_entity(a_partition(0, 5)), LEDGER_FORMAT)
    old = {name: value for name, value in written.items() if name not in new}

    row = entity("hub:00000", HEAD, old, LEDGER_FORMAT)
    assert parse_head(row) == a_partition(0, 5)

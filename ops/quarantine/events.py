"""A quarantined event as its file holds it, and the selection of events. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, cast

from fastavro import reader

from shared.contracts.origin import ORIGIN
from shared.encoding.judging import UNCOUNTED
from shared.hub.address import GenerationAddress, PartitionAddress
from shared.hub.events import Event
from shared.hub.sequence_range import SequenceRange
from shared.ledger.batch import CommittedBatch
from shared.ledger.generations import STEP_BACK


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinedEvent:
    """One quarantined event, and where it is kept."""

    #: The generation that it belongs to.
    place: GenerationAddress
    #: The event, its bytes untouched.
    event: Event
    #: The reason code.
    reason: str
    #: The field at fault; empty where it is the whole body.
    field_path: str
    #: What is wrong with it.
    detail: str
    #: What it was held against, or asked for in vain.
    contract: str
    #: The quarantine file that holds it.
    file: str
    #: The commit that names the file.
    commit: int
    #: The quarantine's record as it stands in the file.
    record: Mapping[str, Any]
    #: The commit by which it has landed since; None while it has not.
    redriven_by: int | None = None

    @property
    def counted_under(self) -> str:
        """The contract that the ledger counts it under; empty where none could be found."""
        return "" if self.reason in UNCOUNTED else self.contract


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which events to select; None is all."""

    #: Of this hub.
    hub: str | None = None
    #: Of this partition.
    partition_id: str | None = None
    #: Of this generation.
    generation: int | None = None
    #: Of these sequence numbers.
    within: SequenceRange | None = None
    #: Held against this contract; without a version, against any version of it.
    contract: str | None = None
    #: With this reason code.
    reason: str | None = None
    #: Enqueued at this time or later.
    since: datetime | None = None
    #: Enqueued at this time or before.
    until: datetime | None = None

    def has_partition(self, address: PartitionAddress) -> bool:
        """Whether events of the partition may be selected."""
        is_hub = self.hub in (None, address.hub)
        return is_hub and self.partition_id in (None, address.partition_id)

    def has_batch(self, batch: CommittedBatch) -> bool:
        """Whether events of the batch may be selected; allows for a clock that was set back."""
        times = sorted((batch.first_enqueued_at, batch.last_enqueued_at))
        return (
            self.generation in (None, batch.generation)
            and (self.within is None or any(map(self.within.intersection, batch.ranges)))
            and (self.since is None or times[1] + STEP_BACK >= self.since)
            and (self.until is None or times[0] - STEP_BACK <= self.until)
        )

    def __contains__(self, item: QuarantinedEvent) -> bool:
        """Whether the event is selected; its partition and generation were checked before."""
        at = item.event.enqueued_at
        return (
            (self.within is None or item.event.sequence_number in self.within)
            and self.contract in (None, item.contract, item.contract.partition("/")[0])
            and self.reason in (None, item.reason)
            and (self.since is None or at >= self.since)
            and (self.until is None or at <= self.until)
        )


def parse_file(data: bytes, path: str, commit: int) -> Iterator[QuarantinedEvent]:
    """Read a quarantine file's events, in order; broken bytes raise what fastavro raises."""
    for found in reader(BytesIO(data)):
        record = cast("dict[str, Any]", found)
        origin = record[ORIGIN]
        yield QuarantinedEvent(
            place=GenerationAddress(
                partition=PartitionAddress(hub=origin["hub"], partition_id=origin["partition_id"]),
                generation=origin["generation"],
            ),
            event=Event(
                sequence_number=origin["sequence_number"],
                enqueued_at=origin["enqueued_at"],
                body=record["body"],
                properties=record["properties"],
                content_type=record["content_type"],
                partition_key=record["partition_key"],
            ),
            reason=record["reason"],
            field_path=record["path"],
            detail=record["detail"],
            contract=record["contract"],
            file=path,
            commit=commit,
            record=record,
        )

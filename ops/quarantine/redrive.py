"""Judge quarantined events again: those that pass land once, the others are kept with their reason.

A redrive relies only on the head's ETag. It commits only if no other redrive touched its numbers
since it read them, whoever else runs, and wherever an earlier redrive was killed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby

from ops.quarantine.events import QuarantinedEvent
from ops.quarantine.history import History
from shared.contracts.catalog import ContractCatalog
from shared.contracts.origin import Origin
from shared.encoding.compression import Codec
from shared.encoding.judging import AcceptedEvent, RejectedEvent, judge
from shared.encoding.quarantine_record import quarantine_record
from shared.errors import DependencyUnavailableError, MisconfiguredError
from shared.hub.address import GenerationAddress, PartitionAddress
from shared.hub.sequence_range import consecutive_ranges
from shared.lake import Lake
from shared.landing.batch_files import EncodedBatch, encode_batch
from shared.ledger.batch import CommittedBatch, Counts, merge_counts, without_zeros
from shared.ledger.partition import Generation, Partition
from shared.ledger.redrives import announce, apply_redrive
from shared.ledger.store import Commit, LedgerStore, StoredPartition

MOST_TRIES = 20
# How much one commit, and so the memory, holds at most.
MOST_EVENTS, MOST_BYTES = 2000, 32 * 1024 * 1024

RedriveCounts = Counter[tuple[str, str]]


@dataclass(kw_only=True)
class Redrive:
    """What became of the selected events, by contract and reason, which is empty if they landed.

    `overtaken` counts those that another redrive settled at the same time.
    """

    landed: RedriveCounts = field(default_factory=Counter)
    kept: RedriveCounts = field(default_factory=Counter)
    changed: int = 0
    overtaken: int = 0


class Redriver:
    """Redrives through one lake and one ledger."""

    def __init__(
        self,
        *,
        contracts: ContractCatalog,
        lake: Lake,
        ledger: LedgerStore,
        history: Callable[[PartitionAddress], History],
        codec: Codec,
        clock: Callable[[], datetime],
    ) -> None:
        """Keep the collaborators; does no I/O."""
        self._contracts, self._lake, self._ledger = contracts, lake, ledger
        self._history, self._codec, self._clock = history, codec, clock

    def redrive(self, events: Iterable[QuarantinedEvent]) -> Redrive:
        """Redrive the events that have not landed yet, in portions, each in its own commits.

        Raises DependencyUnavailableError; what was committed until then stays, and the next
        redrive goes on with the rest.
        """
        done = Redrive()
        for portion in _portions(item for item in events if item.redriven_by is None):
            self._redrive(portion, done)
        return done

    def _redrive(self, portion: Sequence[QuarantinedEvent], done: Redrive) -> None:
        passed: dict[int, str] = {}
        failed: dict[int, RejectedEvent] = {}
        changed: set[int] = set()
        for item in portion:
            judged = judge(item.event, self._contracts)
            if isinstance(judged, AcceptedEvent):
                passed[_number(item)] = str(judged.contract.id)
                continue
            failed[_number(item)] = judged
            if _differs(item, judged):
                changed.add(_number(item))
        landed = self._settle([item for item in portion if _number(item) in passed])
        renamed = self._settle([item for item in portion if _number(item) in changed])
        done.landed.update((passed[number], "") for number in landed)
        done.kept.update(
            (str(rejected.contract or ""), rejected.rejection.reason.value)
            for number, rejected in failed.items()
            if number in renamed or number not in changed
        )
        done.changed += len(renamed)
        done.overtaken += len(passed) - len(landed) + len(changed) - len(renamed)

    def _settle(self, items: Sequence[QuarantinedEvent]) -> frozenset[int]:
        """Commit events that all land or all stay; returns those that no other redrive settled."""
        if not items:
            return frozenset()
        place = items[0].place
        history = self._history(place.partition)
        attempt = _Attempt(place=place)
        for _ in range(MOST_TRIES):
            stored = self._read(place.partition)
            if attempt.commit in history.catch_up(stored):
                return attempt.numbers  # only the reply to it was lost
            left = [item for item in items if not _is_settled(item, history)]
            if self._try(stored, left, attempt):
                return attempt.numbers
        message = f"others committed to the partition {MOST_TRIES} times in a row"
        raise DependencyUnavailableError(message, hint="run it again", partition=place.partition)

    def _try(
        self, stored: StoredPartition, left: Sequence[QuarantinedEvent], attempt: "_Attempt"
    ) -> bool:
        """Announce, write and commit what is left; false if somebody committed meanwhile."""
        encoded = self._encode(stored.partition, left) if left else None
        files = encoded.files if encoded else ()
        announced = self._announce(stored, frozenset(item.file.path for item in files), attempt)
        if announced is None:
            return False
        attempt.numbers = frozenset(map(_number, left))
        if encoded is None:
            return True
        for item in files:
            if item.file.path not in attempt.written:
                self._lake.put_if_absent(item.file.path, item.data, item.file.sha256)
                attempt.written.add(item.file.path)
        attempt.commit = self._commit_of(announced.partition, left, encoded)
        after = apply_redrive(announced.partition, attempt.commit)
        commit = Commit(partition=after, batch=attempt.commit)
        return self._ledger.commit(announced, commit) is not None

    def _encode(self, partition: Partition, left: Sequence[QuarantinedEvent]) -> EncodedBatch:
        generation = _find_generation(partition, left[0].place.generation)
        return encode_batch(
            [item.event for item in left],
            partition.place(generation),
            self._contracts,
            self._codec,
            redrive_of=max(item.commit for item in left),
        )

    def _announce(
        self, stored: StoredPartition, paths: frozenset[str], attempt: "_Attempt"
    ) -> StoredPartition | None:
        """Write the names of the coming files to the head, and drop names no longer needed."""
        number = attempt.place.generation
        before = _find_generation(stored.partition, number).redriving
        given_up = attempt.announced - paths
        if paths.issubset(before) and given_up.isdisjoint(before):
            return stored
        attempt.announced |= paths
        after = announce(stored.partition, number, paths, instead_of=given_up)
        return self._ledger.commit(stored, Commit(partition=after))

    def _commit_of(
        self, partition: Partition, left: Sequence[QuarantinedEvent], encoded: EncodedBatch
    ) -> CommittedBatch:
        leaving = Counter((item.counted_under, item.reason) for item in left)
        counts = encoded.counts
        for (contract, reason), number in leaving.items():
            less = Counts(quarantined=-number, reasons={reason: -number})
            counts = merge_counts(counts, {contract: less})
        return CommittedBatch(
            batch_id=encoded.batch_id,
            number=partition.commits + 1,
            address=partition.address,
            generation=left[0].place.generation,
            ranges=consecutive_ranges(map(_number, left)),
            files=tuple(item.file for item in encoded.files),
            counts=without_zeros(counts),
            first_enqueued_at=left[0].event.enqueued_at,
            last_enqueued_at=left[-1].event.enqueued_at,
            committed_at=self._clock(),
            is_redrive=True,
        )

    def _read(self, address: PartitionAddress) -> StoredPartition:
        stored = self._ledger.read(address)
        if stored is None:
            message = "the ledger has no head of a partition whose commits it has"
            raise DependencyUnavailableError(message, partition=address)
        return stored


@dataclass(kw_only=True)
class _Attempt:
    """What was done so far to settle a portion."""

    place: GenerationAddress
    announced: frozenset[str] = frozenset()
    written: set[str] = field(default_factory=set)
    commit: CommittedBatch | None = None
    numbers: frozenset[int] = frozenset()


def _find_generation(partition: Partition, number: int) -> Generation:
    found = partition.find_generation(number)
    if found is None:
        message = "the head does not know the generation, which ended before heads kept them"
        raise MisconfiguredError(message, partition=partition.address, generation=number)
    return found


def _is_settled(item: QuarantinedEvent, history: History) -> bool:
    return history.after(item.place.generation, _number(item), item.commit) is not None


def _differs(item: QuarantinedEvent, rejected: RejectedEvent) -> bool:
    """Whether it would be kept differently now: for another reason, or at another field."""
    origin = Origin(place=item.place, batch_id="")
    return quarantine_record(rejected, origin) != item.record


def _number(item: QuarantinedEvent) -> int:
    return item.event.sequence_number


def _portions(events: Iterable[QuarantinedEvent]) -> Iterator[Sequence[QuarantinedEvent]]:
    """Cut events that come by partition into portions of one generation and hour, by number."""
    for _, group in groupby(events, key=_folder):
        portion: list[QuarantinedEvent] = []
        size = 0
        for item in group:
            portion.append(item)
            size += len(item.event.body)
            if len(portion) >= MOST_EVENTS or size >= MOST_BYTES:
                yield sorted(portion, key=_number)
                portion, size = [], 0
        if portion:
            yield sorted(portion, key=_number)


def _folder(item: QuarantinedEvent) -> tuple[GenerationAddress, str]:
    hour = f"{item.event.enqueued_at.astimezone(UTC):%Y-%m-%dT%H}"
    return item.place, hour

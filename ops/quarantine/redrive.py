"""Judge again what is in the quarantine: what passes by now lands once, the rest says why not.

A redrive counts on the head's ETag alone: it commits only if no other redrive touched its numbers
since it read them, whoever else runs, and wherever one before was killed.
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
from shared.hub.sequence_range import consecutive_ranges
from shared.lake import Lake
from shared.landing.batch_files import EncodedBatch, encode_batch
from shared.ledger.batch import CommittedBatch
from shared.ledger.counts import Counts, merge_counts, without_zeros
from shared.ledger.partition import PartitionState
from shared.ledger.redrives import announce, apply_redrive, find_state
from shared.ledger.store import Commit, LedgerStore, StoredState

MOST_TRIES = 20
# What one commit holds at most, and so what is in memory.
MOST_EVENTS, MOST_BYTES = 2000, 32 * 1024 * 1024

RedriveCounts = Counter[tuple[str, str]]


@dataclass(kw_only=True)
class Redrive:
    """What became of what was meant: by contract and reason, empty for what landed.

    `overtaken` are those that another redrive dealt with at the same time.
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
        history: Callable[[str, str], History],
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
        """Commit events that all land, or all stay; returns those that nobody else settled."""
        if not items:
            return frozenset()
        hub, partition_id = items[0].hub, items[0].partition_id
        history = self._history(hub, partition_id)
        attempt = _Attempt(generation=items[0].generation)
        for _ in range(MOST_TRIES):
            stored = self._read(hub, partition_id)
            if attempt.commit in history.catch_up(stored):
                return attempt.numbers  # only the reply to it was lost
            left = [item for item in items if not _is_settled(item, history)]
            if self._try(stored, left, attempt):
                return attempt.numbers
        message = f"others committed to the partition {MOST_TRIES} times in a row"
        raise DependencyUnavailableError(
            message, hint="run it again", hub=hub, partition_id=partition_id
        )

    def _try(
        self, stored: StoredState, left: Sequence[QuarantinedEvent], attempt: "_Attempt"
    ) -> bool:
        """Announce, write and commit what is left; false where somebody committed meanwhile."""
        encoded = self._encode(stored.state, left) if left else None
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
        attempt.commit = self._commit_of(announced.state, left, encoded)
        after = apply_redrive(announced.state, attempt.commit)
        return self._ledger.commit(announced, Commit(state=after, batch=attempt.commit)) is not None

    def _encode(self, state: PartitionState, left: Sequence[QuarantinedEvent]) -> EncodedBatch:
        return encode_batch(
            [item.event for item in left],
            _state_of(state, left[0].generation),
            self._contracts,
            self._codec,
            redrive_of=max(item.commit for item in left),
        )

    def _announce(
        self, stored: StoredState, paths: frozenset[str], attempt: "_Attempt"
    ) -> StoredState | None:
        """Have the state name the files to come, and those no more that cannot be committed now."""
        before = _state_of(stored.state, attempt.generation).redriving
        given_up = attempt.announced - paths
        if paths.issubset(before) and given_up.isdisjoint(before):
            return stored
        attempt.announced |= paths
        after = announce(stored.state, attempt.generation, paths, instead_of=given_up)
        return self._ledger.commit(stored, Commit(state=after))

    def _commit_of(
        self, state: PartitionState, left: Sequence[QuarantinedEvent], encoded: EncodedBatch
    ) -> CommittedBatch:
        leaving = Counter((item.counted_under, item.reason) for item in left)
        counts = encoded.counts
        for (contract, reason), number in leaving.items():
            less = Counts(quarantined=-number, reasons={reason: -number})
            counts = merge_counts(counts, {contract: less})
        return CommittedBatch(
            batch_id=encoded.batch_id,
            number=state.commits + 1,
            hub=left[0].hub,
            partition_id=left[0].partition_id,
            generation=left[0].generation,
            ranges=consecutive_ranges(map(_number, left)),
            files=tuple(item.file for item in encoded.files),
            counts=without_zeros(counts),
            first_enqueued_at=left[0].event.enqueued_at,
            last_enqueued_at=left[-1].event.enqueued_at,
            committed_at=self._clock(),
            is_redrive=True,
        )

    def _read(self, hub: str, partition_id: str) -> StoredState:
        stored = self._ledger.read(hub, partition_id)
        if stored is None:
            message = "the ledger has no head of a partition whose commits it has"
            raise DependencyUnavailableError(message, hub=hub, partition_id=partition_id)
        return stored


@dataclass(kw_only=True)
class _Attempt:
    """What was done so far to settle a portion."""

    generation: int
    announced: frozenset[str] = frozenset()
    written: set[str] = field(default_factory=set)
    commit: CommittedBatch | None = None
    numbers: frozenset[int] = frozenset()


def _state_of(state: PartitionState, generation: int) -> PartitionState:
    found = find_state(state, generation)
    if found is None:
        message = "the head does not know the generation, which ended before heads kept them"
        raise MisconfiguredError(
            message, hub=state.hub, partition_id=state.partition_id, generation=generation
        )
    return found


def _is_settled(item: QuarantinedEvent, history: History) -> bool:
    return history.after(item.generation, _number(item), item.commit) is not None


def _differs(item: QuarantinedEvent, rejected: RejectedEvent) -> bool:
    """Whether it would be kept otherwise now: for another reason, at another field."""
    origin = Origin(
        hub=item.hub, partition_id=item.partition_id, generation=item.generation, batch_id=""
    )
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


def _folder(item: QuarantinedEvent) -> tuple[str, str, int, str]:
    hour = f"{item.event.enqueued_at.astimezone(UTC):%Y-%m-%dT%H}"
    return item.hub, item.partition_id, item.generation, hour

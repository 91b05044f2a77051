"""Plan windows: which committed batches the next Databricks runs are given. Pure.

Commits are read in the order of their numbers, which count the partition's commits. So none comes
late, even where a batch fills a gap far below the head.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.hub.address import PartitionAddress
from shared.ledger.batch import CommittedBatch, LandedFile

Positions = Mapping[PartitionAddress, int]
# Raise it when an older reader would misread what is written.
MANIFEST_FORMAT = 1
# A table transaction holds 100 entities: the backlog, and two for each window.
MOST_WINDOWS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowLimits:
    """A window is full at a number of files or bytes, or when its oldest file reaches an age."""

    files: int
    bytes: int
    age: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How far each partition's commits are planned."""

    #: The last commit that was read.
    scanned: Positions = field(default_factory=dict)
    #: By contract, the last commit that is in a window, for the partitions in which files of the
    #: contract wait for their window.
    held: Mapping[str, Positions] = field(default_factory=dict)
    pending_batches: int = 0
    oldest_pending_at: datetime | None = None

    def read_from(self, partition: PartitionAddress) -> int:
        """The commit after which the partition must be read again."""
        waiting = [at[partition] for at in self.held.values() if partition in at]
        return min([self.scanned.get(partition, 0), *waiting])


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Files of one contract for one run; the id is derived from what is in it."""

    window_id: str
    contract: str
    files: tuple[LandedFile, ...]

    @property
    def manifest(self) -> bytes:
        """The manifest's bytes, the same for the same files."""
        return _manifest(self.window_id, self.contract, self.files)


def manifest_path(window_id: str) -> str:
    """Where a window's manifest stands in the lake."""
    return f"_landfall/windows/{window_id}.json"


def plan_windows(
    backlog: Backlog,
    commits: Mapping[PartitionAddress, Sequence[CommittedBatch]],
    limits: WindowLimits,
    now: datetime,
) -> tuple[tuple[Window, ...], Backlog]:
    """Cut what is committed into windows; returns them, and what then still waits.

    `commits` are each partition's commits after `backlog.read_from`, in order of their number.
    """
    windows: list[Window] = []
    waiting: list[_Pending] = []
    for contract, pending in _by_contract(backlog, commits):
        cut = _cut(pending, limits, now)
        taken = MOST_WINDOWS - len(windows)
        windows.extend(_window(contract, items) for items in cut.full[:taken])
        waiting.extend(item for items in cut.full[taken:] for item in items)
        waiting.extend(cut.rest)
    read = {partition: batches[-1].number for partition, batches in commits.items() if batches}
    return tuple(windows), Backlog(
        scanned={**backlog.scanned, **_beyond(read, backlog.scanned)},
        held=_held(backlog, waiting, read),
        pending_batches=len({item.commit.batch_id for item in waiting}),
        oldest_pending_at=min((item.commit.committed_at for item in waiting), default=None),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pending:
    partition: PartitionAddress
    commit: CommittedBatch
    file: LandedFile


def _by_contract(
    backlog: Backlog, commits: Mapping[PartitionAddress, Sequence[CommittedBatch]]
) -> list[tuple[str, list[_Pending]]]:
    """The files that are in no window yet, partition by partition, in order of their commits."""
    pending: dict[str, list[_Pending]] = {}
    for partition, batches in sorted(commits.items()):
        for commit in batches:
            for file in commit.files:
                if file.contract and _is_new(backlog, partition, commit.number, file.contract):
                    item = _Pending(partition=partition, commit=commit, file=file)
                    pending.setdefault(file.contract, []).append(item)
    return sorted(pending.items())


def _is_new(backlog: Backlog, partition: PartitionAddress, number: int, contract: str) -> bool:
    planned = backlog.held.get(contract, {}).get(partition, backlog.scanned.get(partition, 0))
    return number > planned


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    full: list[list[_Pending]]
    rest: list[_Pending]


def _cut(pending: Sequence[_Pending], limits: WindowLimits, now: datetime) -> _Cut:
    full: list[list[_Pending]] = []
    rest: list[_Pending] = []
    for item in pending:
        rest.append(item)
        is_full = len(rest) >= limits.files or _bytes(rest) >= limits.bytes
        if is_full:
            full.append(rest)
            rest = []
    if rest and min(item.commit.committed_at for item in rest) <= now - limits.age:
        full.append(rest)
        rest = []
    return _Cut(full=full, rest=rest)


def _bytes(items: Iterable[_Pending]) -> int:
    return sum(item.file.bytes for item in items)


def _window(contract: str, items: Sequence[_Pending]) -> Window:
    files = tuple(item.file for item in items)
    digest = hashlib.sha256(_manifest("", contract, files)).hexdigest()
    return Window(window_id=f"w-{digest[:32]}", contract=contract, files=files)


def _beyond(read: Positions, scanned: Positions) -> Positions:
    return {partition: at for partition, at in read.items() if at > scanned.get(partition, 0)}


def _held(
    backlog: Backlog, waiting: Sequence[_Pending], read: Positions
) -> dict[str, dict[PartitionAddress, int]]:
    """Where each contract's files wait, including those that a bounded read has not reached."""
    held = {
        contract: {
            partition: max(at, read.get(partition, 0))
            for partition, at in planned.items()
            if read.get(partition, 0) < backlog.scanned[partition]
        }
        for contract, planned in backlog.held.items()
    }
    for item in waiting:
        planned = held.setdefault(item.file.contract, {})
        before = item.commit.number - 1
        planned[item.partition] = min(planned.get(item.partition, before), before)
    return {contract: planned for contract, planned in held.items() if planned}


def _manifest(window_id: str, contract: str, files: Iterable[LandedFile]) -> bytes:
    name, _, version = contract.partition("/")
    document = {
        "format": MANIFEST_FORMAT,
        "window": window_id,
        "contract": name,
        "version": int(version),
        "files": [
            {
                "path": file.path,
                "records": file.records,
                "bytes": file.bytes,
                "sha256": file.sha256,
            }
            for file in files
        ],
    }
    return json.dumps(document, indent=1).encode()

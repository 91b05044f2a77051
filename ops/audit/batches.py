"""Judge one committed batch: compare its files with the ledger. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ops.audit.files import FileContent
from ops.audit.problems import Kind, Problem
from ops.audit.ranges import Folded, Ranges, fold, subtract
from ops.audit.tallies import LANDED, Standing, Tally, differences, lay_flat
from shared.contracts.contract import ContractId
from shared.hub.sequence_range import SequenceRange
from shared.landing.path import parse_landing_path
from shared.ledger.batch import CommittedBatch, LandedFile

Contents = Mapping[str, FileContent | None]
UNREAD = (Kind.FILE_MISSING, Kind.FILE_UNREADABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAudit:
    """What a batch's files hold, and what is wrong with it."""

    #: The numbers in its files, each once.
    numbers: Ranges
    #: What its files hold, by standing.
    tally: Tally
    #: The quarantined numbers, by standing.
    quarantined: Mapping[Standing, Ranges]
    #: Of a redrive only: the landed numbers, by standing.
    landed: Mapping[Standing, Ranges]
    #: How many files could be read.
    files: int
    #: Their size.
    bytes: int
    #: What does not hold.
    problems: tuple[Problem, ...]


def judge_batch(batch: CommittedBatch, contents: Contents) -> BatchAudit:
    """Judge a batch by its files' contents, by path; None if the lake has no such file."""
    read = [content for content in contents.values() if content]
    found = fold(part for content in read for part in content.numbers)
    tally: Tally = sum((content.tally for content in read), Counter())
    problems = [
        problem for file in batch.files for problem in _judge_file(batch, file, contents[file.path])
    ]
    problems += _judge_numbers(batch, contents, found)
    is_whole = not any(problem.kind in UNREAD for problem in problems)
    if is_whole and not batch.is_redrive:
        problems += _judge_counts(batch, tally)
    return BatchAudit(
        numbers=found.covered,
        tally=tally,
        quarantined=_by_standing(content.quarantined for content in read),
        landed=_landed(batch, contents) if batch.is_redrive else {},
        files=len(read),
        bytes=sum(content.bytes for content in read),
        problems=tuple(problems),
    )


def _landed(batch: CommittedBatch, contents: Contents) -> Mapping[Standing, Ranges]:
    return _by_standing(
        {(file.contract, LANDED): content.numbers}
        for file in batch.files
        for content in (contents[file.path],)
        if content and file.contract
    )


def _by_standing(found: Iterable[Mapping[Standing, Ranges]]) -> Mapping[Standing, Ranges]:
    added: dict[Standing, Ranges] = {}
    for ranges_by in found:
        for standing, ranges in ranges_by.items():
            added[standing] = fold((*added.get(standing, ()), *ranges)).covered
    return added


def _judge_file(
    batch: CommittedBatch, file: LandedFile, content: FileContent | None
) -> Iterator[Problem]:
    said = _differences(batch, file, content) if content else [(Kind.FILE_MISSING, "not there")]
    for kind, detail in [*said, *_misnamed(batch, file)]:
        yield Problem(kind=kind, place=batch.place, path=file.path, detail=detail)


def _differences(
    batch: CommittedBatch, file: LandedFile, content: FileContent
) -> Iterator[tuple[Kind, str]]:
    if content.bytes != file.bytes:
        yield Kind.SIZE_DIFFERS, _differs(f"{content.bytes:,} bytes", f"{file.bytes:,}")
    if content.sha256 != file.sha256:
        yield Kind.HASH_DIFFERS, _differs(content.sha256, file.sha256)
    if content.error:
        yield Kind.FILE_UNREADABLE, f"after {content.records:,} records: {content.error}"
    elif content.records != file.records:
        yield Kind.RECORD_COUNT_DIFFERS, _differs(f"{content.records:,}", f"{file.records:,}")
    for origin in sorted(content.origins - {batch.place}):
        yield Kind.ORIGIN_DIFFERS, f"holds records of {origin}"
    metadata = (content.batch_id, content.contract)
    if not content.error and metadata != (batch.batch_id, file.contract or "quarantine"):
        yield Kind.ORIGIN_DIFFERS, f"says of itself that it is of {' '.join(metadata)}"


def _misnamed(batch: CommittedBatch, file: LandedFile) -> Iterator[tuple[Kind, str]]:
    """Compare what the path says, except its hour, with what the ledger says."""
    path = parse_landing_path(file.path)
    if path is None:
        yield Kind.NAME_DIFFERS, "is no landing's name"
        return
    named = {
        "contract": (_contract(path.contract), file.contract),
        "hub": (path.address.hub, batch.address.hub),
        "partition": (path.address.partition_id, batch.address.partition_id),
        "generation": (path.generation, batch.generation),
        "first": (path.range.first, batch.ranges[0].first),
        "last": (path.range.last, batch.ranges[-1].last),
        "hash": (path.digest, file.sha256[:8]),
    }
    for what, (name, ledger) in named.items():
        if name != ledger:
            yield Kind.NAME_DIFFERS, f"names the {what} {name}, the ledger says {ledger}"


def _judge_numbers(batch: CommittedBatch, contents: Contents, found: Folded) -> Iterator[Problem]:
    claimed = fold(batch.ranges).covered
    for kind, ranges in (
        (Kind.NUMBER_MISSING, subtract(claimed, found.covered)),
        (Kind.NUMBER_UNCLAIMED, subtract(found.covered, claimed)),
        (Kind.NUMBER_TWICE, found.twice),
    ):
        for part in ranges:
            holders = [path for path, content in contents.items() if _holds(content, part)]
            yield Problem(
                kind=kind,
                place=batch.place,
                range=part,
                path=holders[0] if holders else None,
                detail=" and ".join([f"batch {batch.batch_id}", *holders[1:]]),
            )


def _judge_counts(batch: CommittedBatch, tally: Tally) -> Iterator[Problem]:
    for detail in differences(lay_flat(batch.counts), tally, who="the files hold"):
        yield Problem(
            kind=Kind.BATCH_COUNT_DIFFERS,
            place=batch.place,
            range=batch.span,
            detail=f"batch {batch.batch_id}: {detail}",
        )


def _holds(content: FileContent | None, part: SequenceRange) -> bool:
    return content is not None and any(part.intersection(held) for held in content.numbers)


def _differs(found: str, said: str) -> str:
    return f"{found}, the ledger says {said}"


def _contract(contract: ContractId | None) -> str:
    return str(contract) if contract else ""

"""Judge the windows: their manifests against what is committed. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ops.audit.problems import Kind, Problem
from shared.errors import UnreadableFormatError, require_format
from shared.hub.address import GenerationAddress, PartitionAddress
from shared.landing.path import parse_landing_path
from shared.ledger.batch import CommittedBatch, LandedFile
from shared.transform.windows import MANIFEST_FORMAT, Backlog, manifest_path
from shared.transform.work import Work, WorkState


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedManifest:
    """A window's manifest as it stands in the lake.

    If the ledger has no work for it (`is_given` is false), a tick was overtaken or killed before it
    could give the window to a run. Nobody reads it, and its files may be in another window.
    """

    window_id: str
    is_given: bool
    files: tuple[LandedFile, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedFile:
    """A committed file, and the commit that names it."""

    file: LandedFile
    number: int
    place: GenerationAddress


def committed_files(batch: CommittedBatch) -> Iterator[CommittedFile]:
    """The files of a batch."""
    return (
        CommittedFile(file=file, number=batch.number, place=batch.place) for file in batch.files
    )


def parse_manifest(window_id: str, data: bytes | None, *, is_given: bool) -> AuditedManifest:
    """Read a manifest; what is wrong with it is in `error`."""
    try:
        document = json.loads(data or b"")
        contract = f"{document['contract']}/{document['version']}"
        require_format(document.get("format", 1), MANIFEST_FORMAT)
        files = tuple(_parse_file(contract, entry) for entry in document["files"])
    except (ValueError, KeyError, TypeError, UnreadableFormatError) as error:
        message = "not there" if data is None else f"{type(error).__name__}: {error}"
        return AuditedManifest(window_id=window_id, is_given=is_given, error=message)
    return AuditedManifest(window_id=window_id, is_given=is_given, files=files)


def _parse_file(contract: str, entry: Mapping[str, Any]) -> LandedFile:
    return LandedFile(
        path=entry["path"],
        contract=contract,
        records=entry["records"],
        bytes=entry["bytes"],
        sha256=entry["sha256"],
    )


def judge_windows(
    manifests: Iterable[AuditedManifest],
    committed: Mapping[str, CommittedFile],
    backlog: Backlog,
    audited: frozenset[PartitionAddress],
) -> Iterator[Problem]:
    """Judge all manifests against the committed files of the audited partitions, by path."""
    windows: dict[str, str] = {}
    for manifest in manifests:
        path = manifest_path(manifest.window_id)
        if manifest.error and manifest.is_given:
            is_there = manifest.error != "not there"
            kind = Kind.MANIFEST_UNREADABLE if is_there else Kind.MANIFEST_MISSING
            yield Problem(kind=kind, path=path, detail=manifest.error)
        for file in manifest.files:
            yield from _judge_file(path, file, committed.get(file.path), audited)
            if manifest.is_given and file.path in windows:
                yield Problem(
                    kind=Kind.WINDOW_FILE_TWICE,
                    place=_place(file.path),
                    path=file.path,
                    detail=f"{windows[file.path]} and {path}",
                )
            if manifest.is_given:
                windows[file.path] = path
    yield from _forgotten(windows.keys(), committed, backlog)


def judge_works(windows: Iterable[Work]) -> Iterator[Problem]:
    """Name the windows whose runs have failed: their rows are in bronze, and not in silver."""
    for work in windows:
        if work.state is WorkState.FAILED:
            detail = f"is not in silver: {work.error}"
            yield Problem(kind=Kind.WINDOW_FAILED, path=work.path, detail=detail)


def _judge_file(
    manifest: str,
    file: LandedFile,
    committed: CommittedFile | None,
    audited: frozenset[PartitionAddress],
) -> Iterator[Problem]:
    place = _place(file.path)
    if committed is None:
        if place is None or place.partition in audited:
            kind = Kind.WINDOW_FILE_UNCOMMITTED
            yield Problem(kind=kind, place=place, path=file.path, detail=f"in {manifest}")
    elif committed.file != file:
        detail = f"{manifest} says {_told(file)}, the ledger {_told(committed.file)}"
        kind = Kind.WINDOW_FILE_DIFFERS
        yield Problem(kind=kind, place=committed.place, path=file.path, detail=detail)


def _forgotten(
    given: Iterable[str], committed: Mapping[str, CommittedFile], backlog: Backlog
) -> Iterator[Problem]:
    """Find the files that `transform` has read and no longer keeps waiting, but gave to no run."""
    for path in sorted(committed.keys() - set(given)):
        item = committed[path]
        partition = item.place.partition
        scanned = backlog.scanned.get(partition, 0)
        planned = backlog.held.get(item.file.contract, {}).get(partition, scanned)
        if item.file.contract and item.number <= planned:
            detail = f"commit {item.number} is planned, and no window has the file"
            kind = Kind.WINDOW_FILE_FORGOTTEN
            yield Problem(kind=kind, place=item.place, path=path, detail=detail)


def _place(path: str) -> GenerationAddress | None:
    parsed = parse_landing_path(path)
    return parsed.place if parsed else None


def _told(file: LandedFile) -> str:
    return f"{file.contract}, {file.records:,} records, {file.bytes:,} bytes, {file.sha256}"

"""An audit as a person reads it, and as JSON."""

from collections.abc import Iterator, Mapping

from ops.audit.partitions import GenerationAudit, total
from ops.audit.problems import Problem
from ops.audit.run import Audit

HEADINGS = (
    *("hub", "partition", "generation", "start", "head", "landed", "quarantined", "open", "lost"),
    *("files", "bytes", "ok"),
)
MOST_SHOWN = 200


def audit_lines(audit: Audit, seconds: float) -> Iterator[str]:
    """The table, what is wrong, and the verdict in one line."""
    summed = total(audit.generations)
    rows = [HEADINGS, *(_row(line) for line in audit.generations)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(
            text.ljust(width) if at == 0 else text.rjust(width)
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        )
    yield ""
    for problem in audit.problems[:MOST_SHOWN]:
        yield _told(problem)
    if len(audit.problems) > MOST_SHOWN:
        yield f"and {len(audit.problems) - MOST_SHOWN:,} more: --json has them all"
    if audit.given_up:
        yield f"given up, and so not in silver: {', '.join(audit.given_up)}"
    events = summed["landed"] + summed["quarantined"]
    verdict = "all holds" if audit.ok else f"{len(audit.problems):,} problems"
    yield (
        f"{verdict}: {events:,} events in {summed['files']:,} files, {audit.windows:,} windows, "
        f"read in {seconds:.1f} s"
    )


def audit_document(audit: Audit, seconds: float) -> Mapping[str, object]:
    """All of it as JSON."""
    return {
        "ok": audit.ok,
        "seconds": round(seconds, 3),
        "totals": dict(total(audit.generations)),
        "windows": audit.windows,
        "given_up": list(audit.given_up),
        "partitions": [_line(line) for line in audit.generations],
        "problems": [_problem(problem) for problem in audit.problems],
    }


def _row(line: GenerationAudit) -> tuple[str, ...]:
    numbers = (
        *(line.start, line.head, line.landed, line.quarantined, line.open, line.lost),
        *(line.files, line.bytes),
    )
    return (
        *(line.place.partition.hub, line.place.partition.partition_id),
        str(line.place.generation),
        *(f"{number:,}" for number in numbers),
        "yes" if line.ok else "NO",
    )


def _told(problem: Problem) -> str:
    numbers = f"{problem.range.first}-{problem.range.last}" if problem.range else ""
    where = (str(problem.place or ""), numbers, problem.path or "")
    named = " ".join(text for text in where if text)
    return f"{problem.kind}  {named}" + (f": {problem.detail}" if problem.detail else "")


def _line(line: GenerationAudit) -> Mapping[str, object]:
    return {
        "hub": line.place.partition.hub,
        "partition_id": line.place.partition.partition_id,
        "generation": line.place.generation,
        "start": line.start,
        "head": line.head,
        "landed": line.landed,
        "quarantined": line.quarantined,
        "open": line.open,
        "lost": line.lost,
        "files": line.files,
        "bytes": line.bytes,
        "ok": line.ok,
    }


def _problem(problem: Problem) -> Mapping[str, object]:
    place, numbers = problem.place, problem.range
    return {
        "kind": problem.kind.value,
        "hub": place.partition.hub if place else None,
        "partition_id": place.partition.partition_id if place else None,
        "generation": place.generation if place else None,
        "first": numbers.first if numbers else None,
        "last": numbers.last if numbers else None,
        "path": problem.path,
        "detail": problem.detail,
    }

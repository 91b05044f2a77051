"""What must add up in a demo: the sent events, the ledger, the lake's files and its tables."""

from collections import Counter
from collections.abc import Iterator

from local.account import Document, lake_folder, read_records
from local.delta import Gold, Silver
from local.stack import Stack


class DemoError(Exception):
    """The numbers do not add up, or the job did not finish; the message says where."""


def check_landed(report: Document, status: Document, batches: list[Document], stack: Stack) -> None:
    """Compare the sent events, the ledger, and the lake's own records."""
    totals = status["ingest"]["totals"]
    numbers: Counter[tuple[str, int]] = Counter()
    reasons: Counter[str] = Counter()
    for file in files_of(batches):
        for record in read_records(stack, file["path"]):
            origin = record["_landfall"]
            numbers[origin["partition_id"], origin["sequence_number"]] += 1
            if file["contract"] is None:
                reasons[record["reason"]] += 1
    known_bad: Counter[str] = Counter(report["bad_by_reason"])
    _require(
        {
            "sent = landed + quarantined": report["sent"]
            == totals["landed"] + totals["quarantined"],
            "each event once in the lake": len(numbers) == numbers.total() == report["sent"],
            "nothing missing or lost": totals["missing"] == totals["lost"] == 0,
            "quarantine file = ledger": reasons.total() == totals["quarantined"],
            "every known-bad event is in quarantine, for its reason": known_bad <= reasons,
        },
        f"{totals}, sent {report['sent']}",
    )


def _require(checks: dict[str, bool], told: str) -> None:
    failed = [name for name, holds in checks.items() if not holds]
    if failed:
        message = f"does not add up: {'; '.join(failed)}: {told}"
        raise DemoError(message)


def files_of(batches: list[Document]) -> Iterator[Document]:
    """The files of committed batches."""
    for batch in batches:
        yield from batch["files"]


def check_dropped(entry: Document, reasons: Counter[str]) -> None:
    """Compare a run's figures with the quarantine's files."""
    rows_out, rows_quarantined = entry["rows_out"], entry["rows_quarantined"]
    _require(
        {
            "rows in = out + quarantined": entry["rows_in"] == rows_out + rows_quarantined,
            "quarantine files = the run's figures": reasons.total() == rows_quarantined,
        },
        str(entry),
    )


def count_quarantined(stack: Stack) -> Counter[str]:
    """The reasons in the quarantine files of dropped rows."""
    lake = lake_folder(stack)
    files = lake.glob("quarantine/*/*/dropzone-*/*.avro")
    return Counter(
        record["reason"]
        for file in files
        for record in read_records(stack, str(file.relative_to(lake)))
    )


def check_tables(good: int, runs: list[Document], silver: Silver, gold: tuple[Gold, ...]) -> None:
    """Compare silver and gold, read by delta-rs, with `good`; raises DemoError if they differ."""
    _require(
        {
            "silver has each good event once": silver.rows == silver.events == good,
            "the runs' figures": not runs or sum(run["rows_out"] for run in runs) == good,
            "gold adds up to silver": all(table.events == silver.rows for table in gold),
        },
        f"{good} good, {silver}, {gold}",
    )

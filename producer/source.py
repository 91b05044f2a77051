"""Where the events come from: synthesis for any contract, or a file with its mapping."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

from producer.errors import UsageError
from producer.stream import BodyFormat, OutgoingEvent, make_encoder, mix
from producer.synthesis import synthesize_records
from producer.telemetry import synthesize_telemetry
from shared.adapters.row_files import read_rows
from shared.contracts.contract import Contract
from shared.errors import UnusableFileError
from shared.files.rows import Row, make_row_converter

# A generator of plausible values for this contract; others are synthesized from their schema.
TELEMETRY = "telemetry/1"


def synthesized_events(
    contract: Contract, count: int, seed: int, bad_share: Fraction, body_format: BodyFormat
) -> Iterator[OutgoingEvent]:
    """Synthesize this many events, bad ones included; raises UsageError if a rule is too hard."""
    encoder = make_encoder(contract, contract.mapping.key, body_format)
    base = next(_synthesize(contract, seed))
    return islice(mix(_synthesize(contract, seed), bad_share, encoder, base), count)


def _synthesize(contract: Contract, seed: int) -> Iterator[dict[str, Any]]:
    if str(contract.id) == TELEMETRY:
        return synthesize_telemetry(seed)
    return synthesize_records(contract.record, seed)


def file_events(
    contract: Contract, path: Path, bad_share: Fraction, body_format: BodyFormat
) -> Iterator[OutgoingEvent]:
    """Replay a file's rows, with bad events in addition; raises UsageError before the first one."""
    if bad_share >= 1:
        message = "a file's events are all sent, so the share of bad ones is below 1"
        raise UsageError(message)
    encoder = make_encoder(contract, contract.mapping.key, body_format)
    return mix(_file_rows(contract, path), bad_share, encoder)


def _file_rows(contract: Contract, path: Path) -> Iterator[Row]:
    """Read a file's rows as a contract's values, or as they are if they are JSON text."""
    try:
        opened = read_rows(str(path), path)
        convert = make_row_converter(opened.columns, contract, is_text=opened.is_text)
    except UnusableFileError as error:
        raise UsageError(str(error)) from error
    return map(convert, _usable(opened.rows))


def _usable(rows: Iterable[Row]) -> Iterator[Row]:
    try:
        yield from rows
    except UnusableFileError as error:
        raise UsageError(str(error)) from error

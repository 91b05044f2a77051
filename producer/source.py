"""Where the events come from: synthesis for any contract, or a file in its mapping's form."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

from producer.errors import UsageError
from producer.files import FileRows, Row, parse_object, read_file
from producer.mapping import (
    FileMapping,
    RowConverter,
    choose_columns,
    explain_columns,
    load_mapping,
    make_converter,
)
from producer.stream import BodyFormat, OutgoingEvent, make_encoder, mix
from producer.synthesis import synthesize_records
from producer.telemetry import synthesize_telemetry
from shared.contracts import Contract

# The plausible generator knows the fields of this contract; any other is made from its schema.
TELEMETRY = "telemetry/1"


def synthesized_events(
    contract: Contract, count: int, seed: int, bad_share: Fraction, body_format: BodyFormat
) -> Iterator[OutgoingEvent]:
    """Synthesize this many events, the bad ones among them; raises UsageError on a rule too far."""
    encoder = make_encoder(contract, load_mapping(contract.id.name).key, body_format)
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
    mapping = load_mapping(contract.id.name)
    encoder = make_encoder(contract, mapping.key, body_format)
    return mix(file_rows(contract, path, mapping), bad_share, encoder)


def file_rows(contract: Contract, path: Path, mapping: FileMapping) -> Iterator[Row]:
    """Read a file's rows as a contract's values, or as JSON text where the file has just that."""
    opened = read_file(path)
    columns = choose_columns(opened.columns, contract, mapping)
    if opened.is_text and columns is not mapping.columns:
        return iter(opened.rows)
    if columns is None:
        message = f"{path}: {explain_columns(opened.columns, contract, mapping)}"
        raise UsageError(message)
    return _convert(opened, make_converter(columns, contract))


def _convert(opened: FileRows, convert: RowConverter) -> Iterator[Row]:
    for row in opened.rows:
        value = parse_object(row) if isinstance(row, bytes) else row
        yield row if value is None else convert(value)

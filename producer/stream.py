"""The events to send, in order: the source's rows, and known-bad events in between."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any, Literal

from producer.bad_events import BadEvents
from producer.body import AvroEncoder
from shared.contracts.catalog import AVRO_CONTENT_TYPE
from shared.contracts.contract import Contract
from shared.files.cells import convert_value
from shared.files.rows import Row, parse_object
from shared.values.checking import check
from shared.values.json_body import JSON_CONTENT_TYPE, decode_json, encode_json
from shared.values.rejection import Reason, RejectedError

BodyFormat = Literal["json", "avro"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingEvent:
    """One event to send."""

    #: Its place in the stream.
    index: int
    #: Its bytes.
    body: bytes
    #: What the body is.
    content_type: str
    #: The contract that it names.
    contract: str
    #: What chooses its partition.
    partition_key: str | None
    #: Why the service will quarantine it; None where it is good.
    known_bad: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowEncoder:
    """Turns a row into an event; `key` is the field whose value chooses the partition.

    A row without an Avro form, because a type does not fit, goes as JSON: the service judges it.
    """

    contract: Contract
    key: str | None
    encode_avro: Callable[[Any], bytes | None] | None

    def encode(self, index: int, row: Row) -> OutgoingEvent:
        """Encode one row; text is sent as it stands."""
        value = self._value(row)
        avro = self.encode_avro(value) if self.encode_avro and value is not None else None
        json = row if isinstance(row, bytes) else None
        return OutgoingEvent(
            index=index,
            body=avro if avro is not None else json if json is not None else encode_json(value),
            content_type=JSON_CONTENT_TYPE if avro is None else AVRO_CONTENT_TYPE,
            contract=str(self.contract.id),
            partition_key=self.partition_key(value),
        )

    def partition_key(self, value: Mapping[str, Any] | None) -> str | None:
        """Return an event's partition key, None if it has none."""
        key = value.get(self.key) if value and self.key else None
        return None if key is None else str(key)

    def _value(self, row: Row) -> Mapping[str, Any] | None:
        if not isinstance(row, bytes):
            return row
        return parse_object(row) if self.encode_avro or self.key else None


def make_encoder(contract: Contract, key: str | None, body_format: BodyFormat) -> RowEncoder:
    """Make the encoder of a contract's rows."""
    encode_avro = AvroEncoder(contract).encode if body_format == "avro" else None
    return RowEncoder(contract=contract, key=key, encode_avro=encode_avro)


def mix(
    rows: Iterable[Row], bad_share: Fraction, encoder: RowEncoder, base: Row | None = None
) -> Iterator[OutgoingEvent]:
    """Encode the rows, and put known-bad events between them up to their share of all events.

    Makes a bad event from the good one before it, or from `base` at the start. While there is none,
    bad events wait. Ends with the rows, so a share of 1 never ends.
    """
    bad_events = BadEvents(encoder.contract)
    remaining = iter(rows)
    good = None if base is None else _accepted(base, encoder.contract)
    last: Row | None = None
    index = bad_count = 0
    while True:
        if floor((index + 1) * bad_share) > bad_count:
            good = (last is not None and _accepted(last, encoder.contract)) or good
            last = None
        if good is not None and floor((index + 1) * bad_share) > bad_count:
            yield _bad_event(index, bad_events, good, encoder)
            bad_count += 1
        else:
            last = next(remaining, None)
            if last is None:
                return
            yield encoder.encode(index, last)
        index += 1


def _accepted(row: Row, contract: Contract) -> dict[str, Any] | None:
    """Return a row's value, in the form that JSON gives it, if it keeps its contract."""
    try:
        value = decode_json(row if isinstance(row, bytes) else encode_json(row))
        check(value, contract.record)
    except RejectedError:
        return None
    return dict(convert_value(value, contract.record))


def _bad_event(
    index: int, bad_events: BadEvents, good: Mapping[str, Any], encoder: RowEncoder
) -> OutgoingEvent:
    bad = bad_events.next(good)
    return OutgoingEvent(
        index=index,
        body=bad.body,
        content_type=bad.content_type,
        contract=bad.contract,
        partition_key=encoder.partition_key(good),
        known_bad=bad.reason,
    )

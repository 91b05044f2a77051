"""An event's value as the bytes that are sent: JSON, or Avro binary."""

import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from fastavro import parse_schema, schemaless_writer

from shared.avro_schema import NO_RULES, Array, AvroType, Enum, Map, Primitive, Record, Union
from shared.contracts import AVRO_CONTENT_TYPE, Contract
from shared.rejection import RejectedError
from shared.validation import check

JSON_CONTENT_TYPE = "application/json"
__all__ = ["AVRO_CONTENT_TYPE", "JSON_CONTENT_TYPE", "AvroEncoder", "encode_json"]


def encode_json(value: Any) -> bytes:
    """Encode a value; what JSON has no form for (a lone surrogate, NaN) is left to the service."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return text.encode("utf-8", "surrogatepass")


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
        case date():
            return value.isoformat()
        case Decimal():
            return float(value)
        case _:
            return str(value)


class AvroEncoder:
    """Encodes a contract's values as bare records, without a container or `_landfall`."""

    def __init__(self, contract: Contract) -> None:
        """Prepare the schema once."""
        self._schema = parse_schema(dict(contract.schema))
        self._record = without_rules(contract.record)

    def encode(self, value: Any) -> bytes | None:
        """Encode a JSON value; None where its types do not fit, since Avro has no form for it.

        Rules are not looked at: a value beyond its rule has an Avro form, and the service judges.
        """
        try:
            checked = check(value, self._record)
        except RejectedError:
            return None
        buffer = io.BytesIO()
        schemaless_writer(buffer, self._schema, checked)
        return buffer.getvalue()


def without_rules(avro_type: AvroType) -> AvroType:
    """Make the same type with no rule in it."""
    match avro_type:
        case Primitive():
            return replace(avro_type, rules=NO_RULES)
        case Record(fields=fields):
            plain = tuple(replace(item, type=without_rules(item.type)) for item in fields)
            return replace(avro_type, fields=plain, by_name={item.name: item for item in plain})
        case Array(items=items):
            return Array(items=without_rules(items))
        case Map(values=values):
            return Map(values=without_rules(values))
        case Union(branches=branches):
            return Union(branches=tuple(without_rules(branch) for branch in branches))
        case Enum():
            return avro_type

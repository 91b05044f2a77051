"""An event's value as the Avro bytes that are sent."""

import io
from dataclasses import replace
from typing import Any

from fastavro import parse_schema, schemaless_writer

from shared.contracts.contract import Contract
from shared.values.avro_types import (
    NO_RULES,
    Array,
    AvroDecimal,
    AvroType,
    Enum,
    Fixed,
    Map,
    Primitive,
    Record,
    Union,
)
from shared.values.checking import check
from shared.values.rejection import RejectedError


class AvroEncoder:
    """Encodes a contract's values as bare records, without a container or `_landfall`."""

    def __init__(self, contract: Contract) -> None:
        """Prepare the schema once."""
        self._schema = parse_schema(dict(contract.schema))
        self._record = without_rules(contract.record)

    def encode(self, value: Any) -> bytes | None:
        """Encode a JSON value; None if its types do not fit, since Avro has no form for it.

        It ignores rules: a value that breaks a rule has an Avro form, and the service judges it.
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
        case Primitive() | AvroDecimal():
            return replace(avro_type, rules=NO_RULES)
        case Record(fields=fields):
            plain = tuple(replace(item, type=without_rules(item.type)) for item in fields)
            by_name = {name: item for item in plain for name in item.names}
            return replace(avro_type, fields=plain, by_name=by_name)
        case Array(items=items):
            return Array(items=without_rules(items))
        case Map(values=values):
            return Map(values=without_rules(values))
        case Union(branches=branches):
            return Union(branches=tuple(without_rules(branch) for branch in branches))
        case Fixed() | Enum():
            return avro_type

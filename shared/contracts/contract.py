"""A contract: a named, versioned Avro schema with rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from fastavro import parse_schema
from fastavro.schema import SchemaParseException

from shared.contracts.mapping import FileMapping
from shared.contracts.origin import ORIGIN, ORIGIN_FIELD
from shared.contracts.parsing import parse_record
from shared.errors import MisconfiguredError
from shared.values.avro_types import Json, Record, SchemaError


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ContractId:
    """A contract's name and version; contracts sort by them."""

    name: str
    version: int

    def __str__(self) -> str:
        """As events and logs write it."""
        return f"{self.name}/{self.version}"


@dataclass(frozen=True, kw_only=True)
class Contract:
    """One contract: `record` is what validation walks, `landed_schema` what bronze files carry.

    `mapping` is only for files of rows, and is the same for all versions.
    """

    id: ContractId
    record: Record
    schema: Mapping[str, Json]
    schema_ids: frozenset[str] = field(default_factory=frozenset)
    mapping: FileMapping = field(default_factory=FileMapping)

    @property
    def landed_document(self) -> Mapping[str, Json]:
        """The contract's schema with `_landfall` as its last field, as JSON."""
        declared = self.schema["fields"]
        fields = [*(declared if isinstance(declared, list) else []), ORIGIN_FIELD]
        return {**self.schema, "fields": fields}

    @cached_property
    def landed_schema(self) -> Any:
        """The landed document in fastavro's parsed form."""
        return parse_schema({**self.landed_document})


def parse_contract(
    contract_id: ContractId, schema: Json, source: str, mapping: FileMapping | None = None
) -> Contract:
    """Make a contract from its JSON; raises MisconfiguredError with the file and the field."""
    try:
        record = parse_record(schema)
        _check_whole(contract_id, record)
    except SchemaError as error:
        message = f"{source}: {error}"
        raise MisconfiguredError(message, hint="mend the contract's file") from error
    contract = _contract(contract_id, record, schema, source)
    try:
        _ = contract.landed_schema
    except SchemaParseException as error:
        message = f"{source}: {error}"
        raise MisconfiguredError(message, hint="mend the contract's file") from error
    return replace(contract, mapping=mapping) if mapping else contract


def _contract(contract_id: ContractId, record: Record, schema: Json, source: str) -> Contract:
    declared = schema if isinstance(schema, dict) else {}
    ids = declared.get("schemaRegistryIds", [])
    if not isinstance(ids, list) or not all(isinstance(item, str) for item in ids):
        message = f"{source}: schemaRegistryIds is no list of strings"
        raise MisconfiguredError(message, hint="mend the contract's file")
    return Contract(
        id=contract_id,
        record=record,
        schema={key: value for key, value in declared.items() if key != "schemaRegistryIds"},
        schema_ids=frozenset(str(item) for item in ids),
    )


def _check_whole(contract_id: ContractId, record: Record) -> None:
    if record.full_name.rpartition(".")[2] != contract_id.name:
        problem = f"it is named {record.full_name}, its folder {contract_id.name}"
        raise SchemaError(path="", problem=problem)
    if ORIGIN in map(str.lower, record.by_name):
        raise SchemaError(path=ORIGIN, problem="the name is kept for the event's origin")

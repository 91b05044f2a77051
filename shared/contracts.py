"""Contracts: named, versioned Avro schemas with rules, and which of them an event is held to."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from fastavro import parse_schema
from fastavro.schema import SchemaParseException

from shared.avro_schema import Json, Record, SchemaError
from shared.errors import MisconfiguredError
from shared.events import Event
from shared.file_mapping import FileMapping
from shared.origin import ORIGIN, ORIGIN_FIELD
from shared.rejection import Reason, RejectedError, Rejection
from shared.schema_parsing import parse_record

CONTRACT_PROPERTY = "contract"
AVRO_CONTENT_TYPE = "avro/binary"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ContractId:
    """A contract's name and version, and so the order of contracts."""

    name: str
    version: int

    def __str__(self) -> str:
        """As events and logs write it."""
        return f"{self.name}/{self.version}"


@dataclass(frozen=True, kw_only=True)
class Contract:
    """One contract: `record` is what validation walks, `landed_schema` what bronze files carry.

    `mapping` is for files of rows alone, and the same for all versions.
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
    """Make a contract of its file's JSON; raises MisconfiguredError with the file and the field."""
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


def is_avro(content_type: str | None) -> bool:
    """Whether a body of this type is Avro, with a Schema Registry id or without, and not JSON."""
    return (content_type or "").partition("+")[0] == AVRO_CONTENT_TYPE


class Contracts:
    """Every contract the service knows, by name, version and Schema Registry id."""

    def __init__(self, contracts: Iterable[Contract], default: str | None = None) -> None:
        """Index them; raises MisconfiguredError where the default contract is unknown."""
        self._all = sorted(contracts, key=lambda contract: contract.id)
        newest = {contract.id.name: contract for contract in self._all}
        self._by_reference = newest | {str(contract.id): contract for contract in self._all}
        self._by_schema_id = {
            schema_id: contract for contract in self._all for schema_id in contract.schema_ids
        }
        self._default = default
        if default is not None and isinstance(self.find(default), Rejection):
            message = f"the default contract {default} is unknown"
            raise MisconfiguredError(message, hint="see LANDFALL_DEFAULT_CONTRACT and contracts/")

    def __iter__(self) -> Iterator[Contract]:
        """Iterate over the contracts, by name and version."""
        return iter(self._all)

    def resolve(self, event: Event) -> Contract | Rejection:
        """Find an event's contract: its property, its registry id, or the default."""
        reference = event.properties.get(CONTRACT_PROPERTY)
        if reference is not None:
            return self.find(reference)
        media_type, _, schema_id = (event.content_type or "").partition("+")
        if media_type == AVRO_CONTENT_TYPE and schema_id:
            registered = self._by_schema_id.get(schema_id)
            return registered or _unknown(f"no contract has the schema id {schema_id!r}")
        if self._default is not None:
            return self.find(self._default)
        return _unknown("the event names no contract and there is no default")

    def find(self, reference: str) -> Contract | Rejection:
        """Find a contract as an event refers to it: `name` is its newest version, or `name/n`."""
        found = self._by_reference.get(reference)
        if found:
            return found
        name, _, version = reference.partition("/")
        if name not in self._by_reference:
            return _unknown(f"no contract is named {name!r}")
        unknown = RejectedError(Reason.UNKNOWN_VERSION, f"{name} has no version {version!r}")
        return unknown.rejection()


def _unknown(detail: str) -> Rejection:
    return RejectedError(Reason.UNKNOWN_CONTRACT, detail).rejection()

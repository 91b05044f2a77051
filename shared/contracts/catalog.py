"""Which contract an event is checked against."""

from collections.abc import Iterable, Iterator

from shared.contracts.contract import Contract
from shared.errors import MisconfiguredError
from shared.hub.events import Event
from shared.values.rejection import Reason, RejectedError, Rejection

CONTRACT_PROPERTY = "contract"
AVRO_CONTENT_TYPE = "avro/binary"


def is_avro(content_type: str | None) -> bool:
    """Whether a body of this content type is Avro, with or without a Schema Registry id."""
    return (content_type or "").partition("+")[0] == AVRO_CONTENT_TYPE


class ContractCatalog:
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
        """Find a contract by `name`, which means its newest version, or by `name/version`."""
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

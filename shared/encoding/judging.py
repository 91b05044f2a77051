"""Check an event against its contract: accept it with its record, or reject it with a reason."""

from dataclasses import dataclass
from typing import Any

from shared.contracts.catalog import CONTRACT_PROPERTY, ContractCatalog, is_avro
from shared.contracts.contract import Contract, ContractId
from shared.hub.events import Event
from shared.values.avro_body import decode_avro
from shared.values.checking import check
from shared.values.json_body import decode_json
from shared.values.rejection import Reason, RejectedError, Rejection, reject

LARGEST_BODY_BYTES = 1 << 20
# Events with these reasons are counted under no contract, because theirs is not known.
UNCOUNTED = (Reason.UNKNOWN_CONTRACT, Reason.UNKNOWN_VERSION)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedEvent:
    """An event that keeps its contract; `record` is in the form that the encoder takes."""

    event: Event
    contract: Contract
    record: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedEvent:
    """An event that breaks its contract; `contract` is None where none could be found."""

    event: Event
    contract: ContractId | None
    rejection: Rejection

    @property
    def asked_for(self) -> str:
        """The contract that the event was checked against, or the unknown one that it asked for."""
        named = self.event.properties.get(CONTRACT_PROPERTY) or self.event.content_type or ""
        return str(self.contract) if self.contract else named


def judge(event: Event, contracts: ContractCatalog) -> AcceptedEvent | RejectedEvent:
    """Judge one event; never raises for what is in it."""
    contract = contracts.resolve(event)
    if isinstance(contract, Rejection):
        return RejectedEvent(event=event, contract=None, rejection=contract)
    judged = judge_body(event, contract)
    if isinstance(judged, Rejection):
        return RejectedEvent(event=event, contract=contract.id, rejection=judged)
    return AcceptedEvent(event=event, contract=contract, record=judged)


def judge_body(event: Event, contract: Contract) -> dict[str, Any] | Rejection:
    """Return the event's record in the form that the encoder takes, or why it is rejected."""
    try:
        record: dict[str, Any] = check(_decode(event, contract), contract.record)
    except RejectedError as rejected:
        return rejected.rejection()
    return record


def _decode(event: Event, contract: Contract) -> Any:
    if not event.body:
        reject(Reason.EMPTY_BODY, "the body has no bytes")
    if len(event.body) > LARGEST_BODY_BYTES:
        reject(Reason.BODY_TOO_LARGE, f"{len(event.body)} bytes, at most {LARGEST_BODY_BYTES}")
    if is_avro(event.content_type):
        return decode_avro(event.body, contract.record)
    return decode_json(event.body)

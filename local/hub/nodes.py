"""The namespace's own nodes: ``$cbs`` accepts tokens, ``$management`` describes hubs."""

from collections.abc import Callable
from dataclasses import dataclass

from local.hub import conditions
from local.hub.amqp_types import Int, Timestamp
from local.hub.broker import Broker
from local.hub.conditions import AmqpError
from local.hub.hub import Hub
from local.hub.messages import Request
from local.hub.sas import Grant, TokenError, check_token

CBS = "$cbs"
MANAGEMENT = "$management"
_SAS = "servicebus.windows.net:sastoken"


@dataclass(frozen=True, slots=True)
class Answer:
    """A node's answer to a request."""

    status: int
    description: str
    body: object = None

    @property
    def properties(self) -> dict[str, object]:
        """The application properties that carry the outcome."""
        return {"status-code": Int(self.status), "status-description": self.description}


class Claims:
    """The rights that one connection's tokens grant."""

    def __init__(self, broker: Broker) -> None:
        """Start with no token, which allows nothing."""
        self._broker = broker
        self._grants: dict[str, Grant] = {}

    def allow(self, path: str) -> bool:
        """Say whether a token covers a path now."""
        now = self._broker.clock()
        return any(grant.covers(path, now) for grant in self._grants.values())

    def put_token(self, request: Request) -> Answer:
        """Serve ``$cbs``."""
        properties = request.properties
        if properties.get("operation") != "put-token":
            return Answer(400, f"'{properties.get('operation')}' is no operation of {CBS}.")
        if properties.get("type") != _SAS:
            return Answer(401, f"Unauthorized: the emulator takes tokens of type {_SAS} only.")
        body, broker = request.body, self._broker
        token = body.decode(errors="replace") if isinstance(body, bytes) else str(body)
        try:
            grant = check_token(token, str(properties.get("name")), broker.key, broker.clock())
        except TokenError as error:
            return Answer(401, f"InvalidSignature: {error}.")
        self._grants[grant.path.casefold()] = grant
        return Answer(202, "Accepted")


class Management:
    """Answers requests for the properties of hubs and partitions."""

    def __init__(self, broker: Broker, claims: Claims) -> None:
        """Answer only the requests that the claims allow."""
        self._broker = broker
        self._claims = claims
        self._reads: dict[object, Callable[[Hub, Request], dict[object, object]]] = {
            "com.microsoft:eventhub": _read_hub,
            "com.microsoft:partition": _read_partition,
        }

    def serve(self, request: Request) -> Answer:
        """Serve ``$management``."""
        properties = request.properties
        read = self._reads.get(properties.get("type"))
        if properties.get("operation") != "READ" or read is None:
            what = f"'{properties.get('operation')}' of '{properties.get('type')}'"
            return Answer(400, f"The emulator's {MANAGEMENT} does not know {what}.")
        name = str(properties.get("name"))
        try:
            if not self._claims.allow(name):
                raise conditions.unauthorized(name)
            return Answer(200, "OK", read(self._broker.namespace.hub(name), request))
        except AmqpError as error:
            return Answer(_STATUS.get(error.condition, 500), error.description)


_STATUS = {
    "amqp:not-found": 404,
    "amqp:unauthorized-access": 401,
    "com.microsoft:argument-out-of-range": 400,
}


def _read_hub(hub: Hub, _request: Request) -> dict[object, object]:
    ids = tuple(partition.partition_id for partition in hub.partitions)
    return {
        "name": hub.name,
        "type": "com.microsoft:eventhub",
        "created_at": Timestamp(hub.definition.created_ms),
        "partition_count": Int(len(ids)),
        "partition_ids": ids,
    }


def _read_partition(hub: Hub, request: Request) -> dict[object, object]:
    partition = hub.partition(str(request.properties.get("partition")))
    partition.expire()
    log = partition.log
    return {
        "name": hub.name,
        "type": "com.microsoft:partition",
        "partition": partition.partition_id,
        "begin_sequence_number": log.begin,
        "last_enqueued_sequence_number": log.last,
        "last_enqueued_offset": log.last_offset,
        "last_enqueued_time_utc": Timestamp(log.last_enqueued_ms),
        "is_partition_empty": log.count == 0,
    }

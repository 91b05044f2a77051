"""A link on which a client sends events to a hub."""

import asyncio
from collections import deque
from functools import partial

from local.hub import conditions
from local.hub.amqp_types import DecodeError
from local.hub.assembly import Assembly, Delivery
from local.hub.broker import MAX_MESSAGE_BYTES
from local.hub.conditions import AmqpError
from local.hub.faults import SEND, Fault
from local.hub.hub import Hub
from local.hub.incoming_credit import IncomingCredit
from local.hub.messages import Event, parse_events
from local.hub.partition import Partition
from local.hub.performatives import Attach, Flow, Transfer
from local.hub.session import Session

_CREDIT = 1000


class IngressLink:
    """Stores received messages, and settles each one when it is durable."""

    def __init__(
        self, session: Session, attach: Attach, hub: Hub, partition: Partition | None
    ) -> None:
        """Attach; without a partition, each message goes to its key's partition."""
        self._session = session
        self._handle = attach.handle
        self._hub = hub
        self._partition = partition
        self._assembly = Assembly(MAX_MESSAGE_BYTES)
        self._credit = IncomingCredit(session, attach, _CREDIT)
        self._delayed: deque[Delivery] = deque()
        self._attached = True
        hub.links.add(self)
        session.grant(attach, MAX_MESSAGE_BYTES, ())
        self._credit.grant()

    def on_transfer(self, transfer: Transfer, payload: bytes) -> None:
        """Receive a message or a part of one."""
        delivery = self._assembly.add(transfer, payload)
        if not transfer.more:
            self._credit.count_delivery()
        if delivery is None:
            return
        if self._delayed:
            self._delayed.append(delivery)
        else:
            self._accept(delivery)

    def _accept(self, delivery: Delivery) -> None:
        """Store a message, or apply a fault that is set."""
        try:
            partition, events = self._parse(delivery)
        except AmqpError as error:
            self._settle(delivery, error)
            return
        fault = self._session.wire.broker.take_fault(SEND, self._hub.name, partition.partition_id)
        if fault is None:
            self._store(partition, events, delivery, drop=False)
        else:
            self._fail(fault, partition, events, delivery)

    def _parse(self, delivery: Delivery) -> tuple[Partition, list[Event]]:
        if delivery.payload is None:
            raise conditions.message_too_large(MAX_MESSAGE_BYTES)
        try:
            events = parse_events(delivery.message_format, delivery.payload)
        except DecodeError as error:
            raise conditions.undecodable(str(error)) from error
        key = events[0].partition_key if events else None
        return self._partition or self._hub.partition_for(key), events

    def _fail(
        self, fault: Fault, partition: Partition, events: list[Event], delivery: Delivery
    ) -> None:
        if fault.kind == "server-busy":
            self._settle(delivery, conditions.server_busy())
        elif fault.kind == "detach":
            self.detach(conditions.detach_forced("The link was detached by an ordered fault."))
        elif fault.kind == "drop-before-store":
            self._session.wire.drop()
        elif fault.kind == "drop-after-store":
            self._store(partition, events, delivery, drop=True)
        else:
            # Later messages wait behind this one, to keep the order.
            self._delayed.append(delivery)
            resume = partial(self._resume, partition, events)
            asyncio.get_running_loop().call_later(fault.seconds, resume)

    def _resume(self, partition: Partition, events: list[Event]) -> None:
        if not self._delayed:
            return
        self._store(partition, events, self._delayed.popleft(), drop=False)
        waiting, self._delayed = self._delayed, deque()
        while waiting and not self._delayed and self._attached:
            self._accept(waiting.popleft())
        if self._delayed:
            self._delayed.extend(waiting)

    def _store(
        self, partition: Partition, events: list[Event], delivery: Delivery, *, drop: bool
    ) -> None:
        future = partition.append(events)
        future.add_done_callback(partial(self._stored, delivery, drop))

    def _stored(self, delivery: Delivery, drop: bool, future: "asyncio.Future[None]") -> None:
        error = future.exception()
        if error is not None:
            self._settle(delivery, conditions.internal_error(f"The event was not stored: {error}"))
        elif drop:
            self._session.wire.drop()
        else:
            self._settle(delivery, None)

    def _settle(self, delivery: Delivery, error: AmqpError | None) -> None:
        if not delivery.settled:
            self._session.settle(delivery.delivery_id, error)

    def detach(self, error: AmqpError) -> None:
        """Take the link down."""
        self._session.detach(self._handle, error)

    def on_flow(self, flow: Flow) -> None:
        """Do nothing: a sender's flow only reports its own state."""

    def pump(self) -> None:
        """Do nothing: this link sends nothing."""

    def on_closed(self) -> None:
        """Leave the hub; delayed messages were never acknowledged, so they are dropped."""
        self._attached = False
        self._delayed.clear()
        self._hub.links.discard(self)

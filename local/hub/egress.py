"""A link on which a client receives a partition's events."""

import asyncio

from local.hub import conditions
from local.hub.amqp_types import Timestamp
from local.hub.broker import MAX_MESSAGE_BYTES
from local.hub.conditions import AmqpError
from local.hub.faults import DELIVERY
from local.hub.hub import Hub
from local.hub.messages import add_delivery_annotations
from local.hub.partition import Partition
from local.hub.performatives import Attach, Flow, Transfer
from local.hub.position import start_of
from local.hub.replies import Credit
from local.hub.session import Session

METRICS = "com.microsoft:enable-receiver-runtime-metric"
_EPOCH = "com.microsoft:epoch"
_READ_EVENTS = 500
_READ_BYTES = 1024 * 1024
_MASK = 0xFFFFFFFF


class EgressLink:
    """Delivers events from a start position while credit, windows and the socket allow."""

    def __init__(
        self, session: Session, attach: Attach, hub: Hub, partition: Partition, group: str
    ) -> None:
        """Attach; raise AmqpError if the start position or the epoch is refused."""
        self.epoch = _epoch_of(attach)
        self._session = session
        self._handle = attach.handle
        self._hub = hub
        self._partition = partition
        self._group = group
        self._metrics = METRICS in attach.desired_capabilities
        self._credit = 0
        self._delivery_count = 0
        self._delayed: asyncio.TimerHandle | None = None
        self._next = start_of(attach.selector, partition.log)
        hub.receivers.admit(partition.partition_id, group, self)
        hub.links.add(self)
        partition.on_events.add(self.pump)
        session.grant(attach, MAX_MESSAGE_BYTES, (METRICS,) if self._metrics else ())

    def on_flow(self, flow: Flow) -> None:
        """Take new credit and use it."""
        granted = flow.delivery_count + flow.link_credit - self._delivery_count
        self._credit = max(0, granted & _MASK if granted >= 0 else 0)
        self.pump()
        if flow.drain and self._credit:
            self._delivery_count = (self._delivery_count + self._credit) & _MASK
            self._credit = 0
            self._session.send_flow(
                Credit(
                    handle=self._handle,
                    delivery_count=self._delivery_count,
                    link_credit=0,
                    drain=True,
                )
            )

    def pump(self) -> None:
        """Deliver until no events are left or the client wants no more."""
        while self._may_deliver() and not self._hit_by_fault():
            messages = self._read()
            self._session.deliver(self._handle, messages)
            self._next = max(self._next, self._partition.log.begin) + len(messages)
            self._credit -= len(messages)
            self._delivery_count = (self._delivery_count + len(messages)) & _MASK

    def _may_deliver(self) -> bool:
        return (
            self._credit > 0
            and self._delayed is None
            and self._session.room > 0
            and max(self._next, self._partition.log.begin) <= self._partition.log.last
        )

    def _read(self) -> list[bytes]:
        count = min(self._credit, self._session.room, _READ_EVENTS)
        messages = self._partition.log.read(self._next, count, _READ_BYTES)
        if not self._metrics:
            return messages
        log = self._partition.log
        annotations: dict[object, object] = {
            "last_enqueued_sequence_number": log.last,
            "last_enqueued_offset": log.last_offset,
            "last_enqueued_time_utc": Timestamp(log.last_enqueued_ms),
            "runtime_info_retrieval_time_utc": Timestamp(self._partition.clock.now_ms()),
        }
        return [add_delivery_annotations(message, annotations) for message in messages]

    def _hit_by_fault(self) -> bool:
        fault = self._session.wire.broker.take_fault(
            DELIVERY, self._hub.name, self._partition.partition_id
        )
        if fault is None:
            return False
        if fault.kind == "detach":
            self.detach(conditions.detach_forced("The link was detached by an ordered fault."))
        else:
            loop = asyncio.get_running_loop()
            self._delayed = loop.call_later(fault.seconds, self._resume)
        return True

    def _resume(self) -> None:
        self._delayed = None
        self.pump()

    def detach(self, error: AmqpError) -> None:
        """Take the link down."""
        self._session.detach(self._handle, error)

    def on_transfer(self, transfer: Transfer, payload: bytes) -> None:
        """Do nothing: a client cannot send here."""

    def on_closed(self) -> None:
        """Leave the partition and the hub."""
        self._credit = 0
        if self._delayed is not None:
            self._delayed.cancel()
        self._partition.on_events.discard(self.pump)
        self._hub.receivers.leave(self._partition.partition_id, self._group, self)
        self._hub.links.discard(self)


def _epoch_of(attach: Attach) -> int | None:
    epoch = attach.properties.get(_EPOCH)
    return epoch if isinstance(epoch, int) else None

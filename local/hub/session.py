"""A session: keeps the windows in both directions and routes frames to links."""

from collections import deque
from collections.abc import Callable
from typing import Protocol

from local.hub import conditions, performatives, replies
from local.hub.broker import Broker
from local.hub.conditions import AmqpError
from local.hub.frames import Frame
from local.hub.nodes import Claims
from local.hub.performatives import Attach, Begin, Flow, Transfer
from local.hub.replies import SESSION_WINDOW, Credit

_MASK = 0xFFFFFFFF


class Wire(Protocol):
    """A connection as its sessions see it: its rights and limits, and a way to send frames."""

    @property
    def broker(self) -> Broker:
        """The state that all connections share."""

    @property
    def claims(self) -> Claims:
        """The rights that the client's tokens grant."""

    @property
    def max_frame_bytes(self) -> int:
        """The largest frame that the client accepts."""

    @property
    def writable(self) -> bool:
        """Whether the client reads as fast as we write."""

    def send(self, data: bytes) -> None:
        """Write whole frames."""

    def drop(self) -> None:
        """Cut the connection without a close frame, as a failing network does."""


class SessionLink(Protocol):
    """A link as its session sees it."""

    def on_transfer(self, transfer: Transfer, payload: bytes) -> None:
        """Receive a message or a part of one from the client."""

    def on_flow(self, flow: Flow) -> None:
        """Take new credit from the client."""

    def pump(self) -> None:
        """Deliver as much as possible now."""

    def on_closed(self) -> None:
        """Release everything, because the link is closed."""


class Session:
    """The emulator's end of a session; it answers on the client's channel number."""

    def __init__(
        self,
        wire: Wire,
        channel: int,
        begin: Begin,
        make_link: "Callable[[Session, Attach], SessionLink]",
    ) -> None:
        """Answer a begin; ``make_link`` decides how to answer an attach."""
        self.wire = wire
        self._make_link = make_link
        self._channel = channel
        self._links: dict[int, SessionLink] = {}
        self._next_incoming_id = begin.next_outgoing_id
        self._ungranted = 0
        self._next_outgoing_id = 0
        self._remote_window = begin.incoming_window
        self._delivery_id = 0
        self._outbox: deque[tuple[int, bytes]] = deque()
        self._send(replies.begin_reply(channel, self._next_outgoing_id))

    @property
    def links(self) -> tuple[SessionLink, ...]:
        """The attached links."""
        return tuple(self._links.values())

    @property
    def room(self) -> int:
        """How many more transfer frames the client accepts; 0 while it reads too slowly."""
        return self._remote_window if self.wire.writable and not self._outbox else 0

    def on_frame(self, frame: Frame) -> None:
        """Process a frame of this session."""
        if frame.code == performatives.TRANSFER:
            self._on_transfer(performatives.parse_transfer(frame.fields), frame.payload)
        elif frame.code == performatives.FLOW:
            self._on_flow(performatives.parse_flow(frame.fields))
        elif frame.code == performatives.ATTACH:
            self._on_attach(performatives.parse_attach(frame.fields))
        elif frame.code == performatives.DETACH:
            self._on_detach(performatives.parse_handle(frame.fields))
        elif frame.code != performatives.DISPOSITION:
            reason = f"0x{frame.code:02x} is no frame of a session"
            raise conditions.not_allowed(reason)

    def _on_transfer(self, transfer: Transfer, payload: bytes) -> None:
        self._next_incoming_id = (self._next_incoming_id + 1) & _MASK
        self._ungranted += 1
        if self._ungranted >= SESSION_WINDOW // 2:
            self.send_flow(None)
        link = self._links.get(transfer.handle)
        # The client may still send transfers because it has not seen our detach yet.
        if link is not None:
            link.on_transfer(transfer, payload)

    def _on_flow(self, flow: Flow) -> None:
        seen = flow.next_incoming_id or 0
        self._remote_window = flow.incoming_window - ((self._next_outgoing_id - seen) & _MASK)
        self._flush()
        if flow.handle is None:
            self.pump()
        elif (link := self._links.get(flow.handle)) is not None:
            link.on_flow(flow)
        if flow.echo:
            self.send_flow(None)

    def _on_attach(self, attach: Attach) -> None:
        try:
            self._links[attach.handle] = self._make_link(self, attach)
        except AmqpError as error:
            self._send(replies.attach_refusal(attach))
            self._send(replies.detach(attach.handle, error))

    def _on_detach(self, handle: int) -> None:
        link = self._links.pop(handle, None)
        # When the client's detach answers ours, it needs no answer.
        if link is not None:
            self._forget(handle, link)
            self._send(replies.detach(handle, None))

    def pump(self) -> None:
        """Let every link deliver what it can."""
        for link in self.links:
            link.pump()

    def close(self) -> None:
        """Close every link."""
        links, self._links = self._links, {}
        for link in links.values():
            link.on_closed()

    def detach(self, handle: int, error: AmqpError | None) -> None:
        """Take a link down."""
        link = self._links.pop(handle, None)
        if link is not None:
            self._forget(handle, link)
            self._send(replies.detach(handle, error))

    def _forget(self, handle: int, link: SessionLink) -> None:
        link.on_closed()
        # A transfer after its link's detach would make the client end the session.
        self._outbox = deque(item for item in self._outbox if item[0] != handle)

    def grant(self, attach: Attach, max_message_bytes: int, capabilities: tuple[str, ...]) -> None:
        """Answer an attach."""
        self._send(replies.attach_reply(attach, max_message_bytes, capabilities))

    def send_flow(self, credit: Credit | None) -> None:
        """Grant the client a new window, and a link's credit if given."""
        self._ungranted = 0
        self._send(replies.flow(self._next_incoming_id, self._next_outgoing_id, credit))

    def settle(self, delivery_id: int, error: AmqpError | None) -> None:
        """Accept or reject one of the client's deliveries."""
        self._send(replies.disposition(delivery_id, error))

    def deliver(self, handle: int, messages: list[bytes]) -> None:
        """Send settled messages to the client; the caller has checked ``room``.

        A message larger than a frame may need more frames than there is room for. The rest waits
        until the client opens its window.
        """
        limit = self.wire.max_frame_bytes
        for message in messages:
            for frame in replies.transfer_frames(
                self._channel, handle, self._delivery_id, message, limit
            ):
                self._outbox.append((handle, frame))
            self._delivery_id = (self._delivery_id + 1) & _MASK
        self._flush()

    def _flush(self) -> None:
        count = min(len(self._outbox), max(0, self._remote_window))
        if count == 0:
            return
        frames = [self._outbox.popleft()[1] for _ in range(count)]
        self._next_outgoing_id = (self._next_outgoing_id + count) & _MASK
        self._remote_window -= count
        self.wire.send(b"".join(frames))

    def _send(self, performative: bytes) -> None:
        self.wire.send(replies.framed(self._channel, performative))

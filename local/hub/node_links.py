"""The links to the namespace's own nodes: requests on one, responses on the other."""

from collections import deque
from collections.abc import Callable

from local.hub import conditions
from local.hub.amqp_types import DecodeError
from local.hub.assembly import Assembly
from local.hub.broker import MAX_MESSAGE_BYTES
from local.hub.incoming_credit import IncomingCredit
from local.hub.messages import Request, encode_response, parse_request
from local.hub.nodes import Answer
from local.hub.performatives import Attach, Flow, Transfer
from local.hub.session import Session

_CREDIT = 100
_MASK = 0xFFFFFFFF


class RequestLink:
    """Receives requests and answers each on the session's response link to the same node."""

    def __init__(
        self, session: Session, attach: Attach, node: str, serve: Callable[[Request], Answer]
    ) -> None:
        """Attach to a node whose requests ``serve`` answers."""
        self._session = session
        self._node = node
        self._serve = serve
        self._assembly = Assembly(MAX_MESSAGE_BYTES)
        self._credit = IncomingCredit(session, attach, _CREDIT)
        session.grant(attach, MAX_MESSAGE_BYTES, ())
        self._credit.grant()

    def on_transfer(self, transfer: Transfer, payload: bytes) -> None:
        """Receive a request or a part of one."""
        delivery = self._assembly.add(transfer, payload)
        if delivery is None:
            return
        self._credit.count_delivery()
        try:
            # Send the answer before the settlement: while the SDK opens a connection, it sleeps
            # 50 ms before it reads each frame.
            self._answer(parse_request(delivery.payload or b""))
        except DecodeError as error:
            self._session.settle(delivery.delivery_id, conditions.undecodable(str(error)))
        else:
            if not delivery.settled:
                self._session.settle(delivery.delivery_id, None)

    def _answer(self, request: Request) -> None:
        answer = self._serve(request)
        response = encode_response(request.message_id, answer.properties, answer.body)
        for link in self._session.links:
            if isinstance(link, ResponseLink) and link.node == self._node:
                link.respond(response)
                return

    def on_flow(self, flow: Flow) -> None:
        """Do nothing: a sender's flow only reports its own state."""

    def pump(self) -> None:
        """Do nothing: this link sends nothing."""

    def on_closed(self) -> None:
        """Do nothing: this link holds nothing."""


class ResponseLink:
    """Delivers responses when the client has granted credit."""

    def __init__(self, session: Session, attach: Attach, node: str) -> None:
        """Attach to a node."""
        self.node = node
        self._session = session
        self._handle = attach.handle
        self._credit = 0
        self._delivery_count = 0
        self._waiting: deque[bytes] = deque()
        session.grant(attach, MAX_MESSAGE_BYTES, ())

    def respond(self, response: bytes) -> None:
        """Deliver a response as soon as possible."""
        self._waiting.append(response)
        self.pump()

    def on_flow(self, flow: Flow) -> None:
        """Take new credit and use it."""
        self._credit = max(0, flow.delivery_count + flow.link_credit - self._delivery_count)
        self.pump()

    def pump(self) -> None:
        """Deliver the waiting responses."""
        while self._waiting and self._credit > 0 and self._session.room > 0:
            self._credit -= 1
            self._delivery_count = (self._delivery_count + 1) & _MASK
            self._session.deliver(self._handle, [self._waiting.popleft()])

    def on_transfer(self, transfer: Transfer, payload: bytes) -> None:
        """Do nothing: a client cannot send here."""

    def on_closed(self) -> None:
        """Drop the waiting responses."""
        self._waiting.clear()

"""Decides how to answer an attach: with a node's link, a sender, a receiver, or a refusal."""

from collections.abc import Callable

from local.hub import conditions
from local.hub.address import parse_receiver, parse_sender, path_of
from local.hub.egress import EgressLink
from local.hub.ingress import IngressLink
from local.hub.messages import Request
from local.hub.node_links import RequestLink, ResponseLink
from local.hub.nodes import CBS, MANAGEMENT, Answer, Management
from local.hub.performatives import Attach
from local.hub.session import Session, SessionLink


def make_link(session: Session, attach: Attach) -> SessionLink:
    """Return the attached link; raise AmqpError to refuse."""
    path = path_of(attach.address)
    if path in (CBS, MANAGEMENT):
        return _node_link(session, attach, path)
    if not session.wire.claims.allow(path):
        raise conditions.unauthorized(path)
    return (
        _receiver(session, attach, path) if attach.is_receiver else _sender(session, attach, path)
    )


def _node_link(session: Session, attach: Attach, node: str) -> SessionLink:
    if attach.is_receiver:
        return ResponseLink(session, attach, node)
    claims, broker = session.wire.claims, session.wire.broker
    serve: Callable[[Request], Answer] = claims.put_token
    if node == MANAGEMENT:
        serve = Management(broker, claims).serve
    return RequestLink(session, attach, node, serve)


def _sender(session: Session, attach: Attach, path: str) -> SessionLink:
    address = parse_sender(path)
    hub = session.wire.broker.namespace.hub(address.hub)
    named = None if address.partition_id is None else hub.partition(address.partition_id)
    return IngressLink(session, attach, hub, named)


def _receiver(session: Session, attach: Attach, path: str) -> SessionLink:
    address = parse_receiver(path)
    hub = session.wire.broker.namespace.hub(address.hub)
    group = hub.group(address.group)
    partition = hub.partition(address.partition_id)
    partition.expire()
    return EgressLink(session, attach, hub, partition, group)

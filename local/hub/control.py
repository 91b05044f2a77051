"""The control endpoint: hubs and retention, besides health and faults (see `local.kit.control`).

- ``GET /hubs``; ``DELETE /hubs/{hub}``.
- ``POST /hubs/{hub}``: ``{"partitions": 4, "groups": ["g"], "retention": {...}}``, all optional.
- ``POST /hubs/{hub}/recreate``: no body. ``POST /hubs/{hub}/partitions``: ``{"count": 2}``.
- ``POST /hubs/{hub}/retention``: ``{"events": 1000, "seconds": 60}``; a missing field means
  unlimited.
- ``POST /faults``: ``{"kind": ..., "hub": ..., "partition": ..., "count": 1}``; only the kind is
  required. ``detach`` and ``delay`` may have ``"on": "send"`` or ``"delivery"``, and ``delay``
  has ``"seconds"``. The kinds are server-busy, detach, drop-before-store, drop-after-store and
  delay.

Errors are ``{"error": "..."}`` with 400, 404 or 409.
"""

from collections.abc import Mapping

from aiohttp import web

from local.hub.broker import Broker
from local.hub.conditions import AmqpError
from local.hub.faults import parse_fault
from local.hub.hub import Hub
from local.hub.hub_definition import MAX_PARTITIONS
from local.hub.namespace import HubExistsError, Namespace
from local.hub.partition import Partition, Retention
from local.kit.control import Control, Handler, read_object, refusal


def make_control(broker: Broker) -> web.Application:
    """Return the application."""
    hubs = _Hubs(broker.namespace)
    application = Control(faults=broker.faults, parse=parse_fault).app()
    application.middlewares.append(_errors_as_json)
    application.add_routes(
        [
            web.get("/hubs", hubs.list),
            web.post("/hubs/{hub}", hubs.create),
            web.delete("/hubs/{hub}", hubs.delete),
            web.post("/hubs/{hub}/recreate", hubs.recreate),
            web.post("/hubs/{hub}/partitions", hubs.add_partitions),
            web.post("/hubs/{hub}/retention", hubs.set_retention),
        ]
    )
    return application


@web.middleware
async def _errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except AmqpError as error:
        return refusal(404, error.description)
    except HubExistsError as error:
        return refusal(409, str(error))


class _Hubs:
    """The handlers."""

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace

    async def list(self, _: web.Request) -> web.Response:
        self._namespace.expire()
        return web.json_response({"hubs": [_hub(hub) for hub in self._namespace.hubs]})

    async def create(self, request: web.Request) -> web.Response:
        body = await _body(request, {"partitions", "groups", "retention"})
        retention = body.get("retention", {})
        if not isinstance(retention, dict):
            message = "'retention' is an object with 'events' and 'seconds'"
            raise ValueError(message)
        groups = body.get("groups", [])
        if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
            message = "'groups' is a list of names"
            raise ValueError(message)
        count = _whole(body.get("partitions", 1), "partitions")
        hub = self._namespace.create(_name(request), count, tuple(groups), _retention(retention))
        return web.json_response(_hub(hub), status=201)

    async def delete(self, request: web.Request) -> web.Response:
        await self._namespace.delete(_name(request))
        return web.json_response({"deleted": _name(request)})

    async def recreate(self, request: web.Request) -> web.Response:
        await _body(request, set())
        return web.json_response(_hub(await self._namespace.recreate(_name(request))))

    async def add_partitions(self, request: web.Request) -> web.Response:
        body = await _body(request, {"count"})
        hub = self._namespace.hub(_name(request))
        count = _whole(body.get("count"), "count")
        if len(hub.partitions) + count > MAX_PARTITIONS:
            message = f"a hub has at most {MAX_PARTITIONS} partitions"
            raise ValueError(message)
        hub.add_partitions(count)
        return web.json_response(_hub(hub))

    async def set_retention(self, request: web.Request) -> web.Response:
        body = await _body(request, {"events", "seconds"})
        hub = self._namespace.hub(_name(request))
        hub.set_retention(_retention(body))
        return web.json_response(_hub(hub))


def _name(request: web.Request) -> str:
    return request.match_info["hub"]


async def _body(request: web.Request, known: set[str]) -> Mapping[str, object]:
    body = await read_object(request)
    if unknown := sorted(body.keys() - known):
        message = f"unknown field(s) {', '.join(unknown)}"
        raise ValueError(message)
    return body


def _retention(body: Mapping[str, object]) -> Retention:
    events, seconds = body.get("events"), body.get("seconds")
    if events is not None:
        events = _whole(events, "events")
    if seconds is not None and (
        not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds < 0
    ):
        message = "'seconds' is a number of at least 0"
        raise ValueError(message)
    return Retention(events=events, seconds=seconds)


def _whole(value: object, name: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    message = f"'{name}' is a whole number above 0, not {value!r}"
    raise ValueError(message)


def _hub(hub: Hub) -> dict[str, object]:
    definition = hub.definition
    return {
        "name": hub.name,
        "groups": list(definition.groups),
        "created_at_ms": definition.created_ms,
        "retention": {
            "events": definition.retention.events,
            "seconds": definition.retention.seconds,
        },
        "partitions": [_partition(partition) for partition in hub.partitions],
    }


def _partition(partition: Partition) -> dict[str, object]:
    log = partition.log
    return {
        "id": partition.partition_id,
        "begin_sequence_number": log.begin,
        "last_enqueued_sequence_number": log.last,
        "last_enqueued_offset": log.last_offset,
        "last_enqueued_at_ms": log.last_enqueued_ms if log.last >= 0 else None,
        "count": log.count,
    }

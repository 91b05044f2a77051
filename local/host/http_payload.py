"""HTTP requests and responses in the worker's format."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import Morsel
from typing import Any

from azure.functions.meta import Datum

from local.host.worker import TriggerPayload


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """A response, ready to send; `headers` may contain Set-Cookie more than once."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpQuestion:
    """A request whose repeated headers and query parameters are already joined by commas."""

    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    route_parameters: Mapping[str, str]
    body: bytes


def encode_request(question: HttpQuestion) -> TriggerPayload:
    """Write a request as the host does: header names in lower case, empty query values dropped."""
    value = {
        "method": Datum(question.method, "string"),
        "url": Datum(question.url, "string"),
        "headers": _strings({name.lower(): v for name, v in question.headers.items()}),
        "query": _strings({name: v for name, v in question.query.items() if v}),
        "params": _strings(question.route_parameters),
        # An empty body reaches the worker as no body, and the worker replaces that by empty bytes.
        "body": Datum(question.body, "bytes"),
    }
    return TriggerPayload(data=Datum(value, "http"), metadata=_strings(question.route_parameters))


def decode_response(datum: Datum) -> HttpAnswer:
    """Read what an HTTP function returned: a response, or a bare string."""
    if datum.type == "string":
        headers = (("content-type", "text/plain; charset=utf-8"),)
        return HttpAnswer(status=200, body=str(datum.value).encode(), headers=headers)
    value: dict[str, Any] = datum.value
    named = tuple((name, str(header.value)) for name, header in value["headers"].items())
    cookies = tuple(
        ("Set-Cookie", _write_cookie(morsel))
        for cookie in value["cookies"] or ()
        for morsel in cookie.values()
    )
    return HttpAnswer(
        status=int(value["status_code"].value),
        body=bytes(value["body"].value),
        headers=named + cookies,
    )


def _write_cookie(morsel: "Morsel[str]") -> str:
    return morsel.OutputString()


def _strings(values: Mapping[str, str]) -> dict[str, Datum]:
    return {name: Datum(value, "string") for name, value in values.items()}

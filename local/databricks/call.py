"""One request, read once: the operation and its parameters."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from local.databricks.errors import JobsError, invalid, malformed


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request for the handlers: `parameters` come from the query or from the JSON body."""

    method: str
    path: str
    parameters: Mapping[str, Any]

    def number(self, name: str) -> int:
        """Read a required whole number."""
        found = self.optional_number(name)
        if found is None:
            raise JobsError(invalid(f"Missing required field: {name}"))
        return found

    def optional_number(self, name: str) -> int | None:
        """Read an optional whole number that is not negative."""
        value = self.parameters.get(name)
        if value is None:
            return None
        text = str(value)
        if not (text.isascii() and text.isdigit()):
            raise JobsError(invalid(f"{name} must be a whole number, not {value!r}"))
        return int(text)

    def flag(self, name: str) -> bool:
        """Read a boolean; a missing one is false."""
        value = self.parameters.get(name, False)
        if value not in (True, False, "true", "false"):
            raise JobsError(invalid(f"{name} must be true or false, not {value!r}"))
        return value in (True, "true")

    def text(self, name: str) -> str:
        """Read a string; a missing one is empty."""
        value = self.parameters.get(name, "")
        if not isinstance(value, str):
            raise JobsError(invalid(f"{name} must be a string"))
        return value


async def read_call(request: web.BaseRequest) -> Call:
    """Read a request."""
    path = request.rel_url.raw_path
    if request.method == "GET":
        return Call(method=request.method, path=path, parameters=dict(request.query))
    try:
        body = json.loads(await request.read() or b"{}")
    except web.HTTPRequestEntityTooLarge as error:
        raise JobsError(malformed("The body of the request is too large")) from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise JobsError(
            malformed(f"Invalid JSON given in the body of the request: {error}")
        ) from error
    if not isinstance(body, dict):
        raise JobsError(malformed("The body of the request must be a JSON object"))
    return Call(method=request.method, path=path, parameters=body)

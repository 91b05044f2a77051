"""Call a function as the worker does, and read what it logged."""

import json
from dataclasses import dataclass
from typing import Any

import azure.functions as func
import pytest
from azure.functions.decorators.function_app import FunctionBuilder


@dataclass(frozen=True, slots=True, kw_only=True)
class HostContext:
    """The part of the host's context that the functions read."""

    invocation_id: str = "i-1"


def call(builder: FunctionBuilder, *handed: Any) -> Any:
    """Call a function with what its trigger hands over; the host's context comes last."""
    return builder.build().get_user_function()(*handed, HostContext())


def a_request(**parameters: str) -> func.HttpRequest:
    return func.HttpRequest(method="GET", url="/api", params=parameters, body=b"")


def answered(response: func.HttpResponse) -> tuple[int, dict[str, Any]]:
    return response.status_code, json.loads(response.get_body())


def lines_of(caplog: pytest.LogCaptureFixture, function: str) -> list[tuple[str, dict[str, Any]]]:
    """What a function logged: level and document of each line."""
    logger = f"landfall.{function}"
    records = [record for record in caplog.records if record.name == logger]
    return [(record.levelname, json.loads(record.getMessage())) for record in records]


def only_line(caplog: pytest.LogCaptureFixture, function: str) -> tuple[str, dict[str, Any]]:
    """The one line that an invocation may log at its end."""
    (line,) = lines_of(caplog, function)
    return line

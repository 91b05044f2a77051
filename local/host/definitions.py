"""Function definitions: the host accepts or refuses each indexed function."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from local.host.errors import FunctionError
from local.host.indexing import IndexedFunction
from local.host.retry import RetryPolicy, parse_decorated_policy

HTTP, TIMER, BLOB, EVENT_HUB = "httpTrigger", "timerTrigger", "blobTrigger", "eventHubTrigger"
_TRIGGERS = {trigger.casefold(): trigger for trigger in (HTTP, TIMER, BLOB, EVENT_HUB)}
# Of the triggers this host supports, the real host honors a retry policy only for these.
_RETRIED = {TIMER, EVENT_HUB}
_FUNCTION_NAME = re.compile(r"[a-z][a-z0-9_\-]{0,127}", re.IGNORECASE)
_BINDING_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9]{0,127}|\$return")


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionDefinition:
    """An accepted function: its trigger and its retry policy."""

    indexed: IndexedFunction
    trigger: Mapping[str, Any]
    trigger_type: str
    retry: RetryPolicy | None

    @property
    def name(self) -> str:
        """The function's name."""
        return self.indexed.name

    @property
    def function_id(self) -> str:
        """The id under which the host keeps the function's state in storage."""
        return f"Host.Functions.{self.name}"


def define_function(
    indexed: IndexedFunction, *, default_retry: RetryPolicy | None
) -> FunctionDefinition:
    """Validate an indexed function as the real host does; raise FunctionError to refuse it."""
    _check_names(indexed)
    trigger, trigger_type = _find_trigger(indexed)
    _check_other_bindings(indexed, trigger)
    return FunctionDefinition(
        indexed=indexed,
        trigger=_as_json(trigger),
        trigger_type=trigger_type,
        retry=_find_retry(indexed, trigger_type, default_retry),
    )


def _check_names(indexed: IndexedFunction) -> None:
    if not _FUNCTION_NAME.fullmatch(indexed.name) or indexed.name.casefold() == "host":
        raise FunctionError(indexed.name, f"'{indexed.name}' is not a valid function name.")
    for binding in indexed.bindings:
        if not _BINDING_NAME.fullmatch(str(binding["name"])):
            msg = f"The binding name {binding['name']} is invalid. Please assign a valid name."
            raise FunctionError(indexed.name, msg)


def _find_trigger(indexed: IndexedFunction) -> tuple[Mapping[str, Any], str]:
    triggers = [b for b in indexed.bindings if str(b["type"]).casefold().endswith("trigger")]
    if len(triggers) != 1:
        msg = f"it must have exactly one trigger, not {len(triggers)}."
        raise FunctionError(indexed.name, msg)
    kind = str(triggers[0]["type"])
    if kind.casefold() not in _TRIGGERS:
        known = ", ".join(sorted(_TRIGGERS.values()))
        msg = f"this local host has no trigger of type '{kind}' (it has {known})."
        raise FunctionError(indexed.name, msg)
    return triggers[0], _TRIGGERS[kind.casefold()]


def _check_other_bindings(indexed: IndexedFunction, trigger: Mapping[str, Any]) -> None:
    for binding in indexed.bindings:
        is_response = binding["name"] == "$return" and binding["type"] == "http"
        if binding is not trigger and not is_response:
            msg = f"this local host has no binding of type '{binding['type']}' ({binding['name']})."
            raise FunctionError(indexed.name, msg)


def _find_retry(
    indexed: IndexedFunction, trigger_type: str, default: RetryPolicy | None
) -> RetryPolicy | None:
    if trigger_type not in _RETRIED:
        return None
    if indexed.retry is None:
        return default
    try:
        return parse_decorated_policy(indexed.retry)
    except ValueError as error:
        raise FunctionError(indexed.name, f"its retry policy is not valid: {error}.") from error


def _as_json(binding: Mapping[str, Any]) -> dict[str, Any]:
    """Write the library's enumerations in the form of function.json."""
    return {name: _plain(value) for name, value in binding.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    return value.name if isinstance(value, Enum) else value

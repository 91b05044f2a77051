"""Indexing: reads and checks the functions of function_app.py before anything runs.

As in the real worker, any problem here means that no function of the app loads.
"""

import importlib
import inspect
import os
import sys
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import azure.functions as func

# The real worker has a copy of this module, so we judge annotations with it too.
from azure.functions._thirdparty import typing_inspect as _typing_inspect

from local.host.errors import AppLoadError

SCRIPT = "function_app.py"
_RETURN = "$return"
# The library has types, but not for these functions.
_inspect_type: Any = _typing_inspect
_get_registry: Any = func.get_binding_registry


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedFunction:
    """A function as the worker reports it to the host."""

    name: str
    is_async: bool
    requires_context: bool
    directory: str
    bindings: tuple[Mapping[str, Any], ...]
    retry: Mapping[str, Any] | None
    # Bindings whose parameter is annotated str or bytes are decoded without their own converter.
    generic_parameters: frozenset[str]
    # The worker finds a parameter's converter by this type; function.json may have another type.
    binding_types: Mapping[str, str]

    @property
    def returns_http(self) -> bool:
        """Whether the function returns an HTTP response."""
        return any(binding["name"] == _RETURN for binding in self.bindings)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedFunction:
    """A function in the worker: its report to the host, and its code."""

    indexed: IndexedFunction
    call: Callable[..., Any]


def load_app(app_directory: Path) -> list[LoadedFunction]:
    """Import the app's function_app.py and index its functions."""
    if not (app_directory / SCRIPT).is_file():
        msg = f"there is no {SCRIPT} in {app_directory}"
        raise AppLoadError(msg)
    _enter(app_directory)
    try:
        module = importlib.import_module(Path(SCRIPT).stem)
        functions = find_function_app(module).get_functions()
        return [load_function(function) for function in functions]
    except AppLoadError:
        raise
    except Exception as error:
        msg = f"{SCRIPT} does not load, so no function does: {type(error).__name__}: {error}"
        raise AppLoadError(msg) from error


def find_function_app(module: ModuleType) -> Any:
    """Return the only FunctionApp of a module; an alias counts as a second one."""
    found = [
        value
        for value in (getattr(module, name, None) for name in dir(module))
        if isinstance(value, func.FunctionRegister)
    ]
    if len(found) > 1:
        kind = type(found[0]).__name__
        msg = f"More than one {kind} or other top level function app instances are defined."
        raise AppLoadError(msg)
    if not found:
        msg = f"Could not find top level function app instances in {SCRIPT}."
        raise AppLoadError(msg)
    return found[0]


def find_converter(binding_type: str) -> Any:
    """Return the library's converter for a binding type, or None."""
    return _get_registry().get(binding_type)


def load_function(function: Any) -> LoadedFunction:
    """Index a function, and keep its code."""
    return LoadedFunction(indexed=index_function(function), call=function.get_user_function())


def index_function(function: Any) -> IndexedFunction:
    """Check a function's parameters against its bindings, and describe it."""
    name = function.get_function_name()
    call = function.get_user_function()
    annotations = typing.get_type_hints(call)
    parameters = dict(inspect.signature(call).parameters)
    bound = {b.name: b for b in function.get_bindings() if b.name != _RETURN}
    requires_context = _takes_context(name, parameters, bound, annotations)
    _check_names(name, set(parameters) - ({"context"} if requires_context else set()), bound)
    generic = {
        parameter
        for parameter, binding in bound.items()
        if _is_generic(name, parameter, binding, annotations)
    }
    return IndexedFunction(
        name=name,
        is_async=inspect.iscoroutinefunction(call),
        requires_context=requires_context,
        directory=str(Path(inspect.getfile(call)).parent),
        bindings=tuple(binding.get_dict_repr() for binding in function.get_bindings()),
        retry=function.get_settings_dict("retry_policy"),
        generic_parameters=frozenset(generic),
        binding_types={parameter: str(binding.type) for parameter, binding in bound.items()},
    )


def _enter(app_directory: Path) -> None:
    """Make the app importable and its directory current; hide the directory we started in."""
    started_in = {"", str(Path.cwd())} - {str(app_directory)}
    sys.path[:] = [entry for entry in sys.path if entry not in started_in]
    sys.path.insert(0, str(app_directory))
    os.chdir(app_directory)


def _takes_context(
    name: str, parameters: Mapping[str, Any], bound: Mapping[str, Any], hints: Mapping[str, Any]
) -> bool:
    if "context" not in parameters or "context" in bound:
        return False
    hint = hints.get("context")
    if "context" in hints and (not isinstance(hint, type) or hint.__name__ != "Context"):
        msg = (
            'the "context" parameter is expected to be of type azure.functions.Context, '
            f"got {hint!r}"
        )
        raise _load_error(name, msg)
    return True


def _check_names(name: str, parameters: set[str], bound: Mapping[str, Any]) -> None:
    if extra := parameters - set(bound):
        msg = f"the following parameters are declared in Python but not as bindings: {extra!r}"
        raise _load_error(name, msg)
    if missing := set(bound) - parameters:
        msg = f"the following parameters are declared as bindings but not in Python: {missing!r}"
        raise _load_error(name, msg)


def _is_generic(name: str, parameter: str, binding: Any, hints: Mapping[str, Any]) -> bool:
    """Check a parameter's annotation as the worker does; return whether it is str or bytes."""
    # The host refuses a binding that is not a trigger later, and only its function.
    if parameter not in hints or not str(binding.type).casefold().endswith("trigger"):
        return False
    hint = hints[parameter]
    if not isinstance(hint, type) and not _inspect_type.is_generic_type(hint):
        raise _load_error(name, f"binding {parameter} has invalid non-type annotation {hint!r}")
    if hint in (str, bytes):
        return True
    converter = find_converter(binding.type)
    if converter is None or not converter.check_input_type_annotation(hint):
        described = getattr(hint, "__name__", repr(hint))
        msg = (
            f'type of {parameter} binding "{binding.type}" does not match its Python '
            f'annotation "{described}"'
        )
        raise _load_error(name, msg)
    return False


def _load_error(function_name: str, problem: str) -> AppLoadError:
    return AppLoadError(f"cannot load the {function_name} function: {problem}")

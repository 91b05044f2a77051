"""Which functions load: the worker's checks, the host's checks, settings."""

import types
import typing
from pathlib import Path
from typing import Any

import azure.functions as func
import pytest

from local.host.definitions import FunctionDefinition, define_function
from local.host.errors import AppLoadError, FunctionError, SettingMissingError
from local.host.host_id import derive_host_id
from local.host.indexing import find_function_app, index_function
from local.host.settings import AppSettings

HUB: dict[str, Any] = {"event_hub_name": "%HUB%", "connection": "HubConnection"}


def only_function(app: func.FunctionApp) -> Any:
    (function,) = app.get_functions()
    return function


def define(app: func.FunctionApp) -> FunctionDefinition:
    return define_function(index_function(only_function(app)), default_retry=None)


def test_a_second_name_for_the_app_is_refused() -> None:
    module = types.ModuleType("function_app")
    module.app = module.alias = func.FunctionApp()  # type: ignore[attr-defined]

    with pytest.raises(AppLoadError, match="More than one FunctionApp"):
        find_function_app(module)


def test_a_module_without_an_app_is_refused() -> None:
    with pytest.raises(AppLoadError, match="Could not find top level function app"):
        find_function_app(types.ModuleType("function_app"))


def test_a_list_of_events_must_be_annotated_with_typing() -> None:
    app = func.FunctionApp()

    @app.event_hub_message_trigger(arg_name="events", **HUB)
    def ingest(events: list[func.EventHubEvent]) -> None: ...

    with pytest.raises(AppLoadError, match="invalid non-type annotation"):
        index_function(only_function(app))


def test_an_event_hub_function_is_defined_with_its_retry_policy() -> None:
    app = func.FunctionApp()

    @app.event_hub_message_trigger(
        arg_name="events",
        cardinality=func.Cardinality.MANY,
        data_type=func.DataType.BINARY,
        **HUB,
    )
    @app.retry(strategy="fixed_delay", max_retry_count="-1", delay_interval="00:00:01")
    async def ingest(
        events: typing.List[func.EventHubEvent],  # noqa: UP006 - the library refuses list[...]
        context: func.Context,
    ) -> None: ...

    definition = define(app)

    assert definition.function_id == "Host.Functions.ingest"
    assert definition.trigger["dataType"] == "BINARY"
    assert definition.trigger["cardinality"] == "MANY"
    assert definition.indexed.is_async
    assert definition.indexed.requires_context
    assert definition.retry is not None
    assert definition.retry.max_retry_count == -1


def test_a_parameter_without_a_binding_is_refused() -> None:
    app = func.FunctionApp()

    @app.route()
    def hello(req: func.HttpRequest, other: str) -> str: ...

    with pytest.raises(AppLoadError, match=r"declared in Python but not as bindings: \{'other'\}"):
        index_function(only_function(app))


def test_an_annotation_of_another_trigger_is_refused() -> None:
    app = func.FunctionApp()

    @app.route()
    def hello(req: func.TimerRequest) -> str: ...

    with pytest.raises(AppLoadError, match="does not match its Python annotation"):
        index_function(only_function(app))


def test_a_binding_name_with_an_underscore_is_refused() -> None:
    app = func.FunctionApp()

    @app.timer_trigger(arg_name="my_timer", schedule="0 * * * * *")
    def tick(my_timer: func.TimerRequest) -> None: ...

    with pytest.raises(FunctionError, match="The binding name my_timer is invalid"):
        define(app)


def test_a_trigger_that_this_host_does_not_have_is_refused() -> None:
    app = func.FunctionApp()

    @app.queue_trigger(arg_name="message", queue_name="q", connection="AzureWebJobsStorage")
    def take(message: func.QueueMessage) -> None: ...

    with pytest.raises(FunctionError, match="no trigger of type 'queueTrigger'"):
        define(app)


def test_an_output_binding_is_refused() -> None:
    app = func.FunctionApp()

    @app.route()
    @app.blob_output(arg_name="blob", path="a/b", connection="AzureWebJobsStorage")
    def write(req: func.HttpRequest, blob: func.Out[str]) -> str: ...

    with pytest.raises(FunctionError, match="no binding of type 'blob'"):
        define(app)


def test_a_retry_policy_of_an_http_function_is_ignored() -> None:
    app = func.FunctionApp()

    @app.route()
    @app.retry(strategy="fixed_delay", max_retry_count="5", delay_interval="00:00:01")
    def hello(req: func.HttpRequest) -> str: ...

    assert define(app).retry is None


def test_percent_names_are_resolved_from_settings() -> None:
    settings = AppSettings.from_environment({"HUB_NAME": "readings"})

    assert settings.resolve("x-%hub_name%") == "x-readings"


def test_a_percent_name_without_a_setting_is_named_in_the_error() -> None:
    settings = AppSettings.from_environment({})

    with pytest.raises(SettingMissingError, match="'%HUB_NAME%' does not resolve to a value"):
        settings.resolve("%HUB_NAME%")


def test_a_connection_is_a_string_or_has_parts() -> None:
    settings = AppSettings.from_environment(
        {"AzureWebJobsStorage": "secret", "Hub__fullyQualifiedNamespace": "ns.example"}
    )

    assert settings.connection("Storage") == "secret"
    assert settings.connection("AzureWebJobsStorage") == "secret"
    assert settings.connection_part("Hub", "fullyQualifiedNamespace") == "ns.example"
    assert "secret" not in repr(settings)


def test_the_host_id_is_stable_and_differs_by_directory() -> None:
    settings = AppSettings.from_environment({})
    one, again, other = (
        derive_host_id(settings, machine_name="My-Box.1", app_directory=Path(directory))
        for directory in ("/apps/one", "/apps/one", "/apps/other")
    )

    assert one == again != other
    assert one.startswith("mybox1-")


def test_the_host_id_can_be_set() -> None:
    settings = AppSettings.from_environment({"AzureFunctionsWebHost__hostid": "mine"})

    assert derive_host_id(settings, machine_name="box", app_directory=Path("/app")) == "mine"

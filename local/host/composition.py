"""Composition: builds the parts of a running host from an app directory."""

import contextlib
import logging
import os
import socket
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from azure.core.exceptions import AzureError, ResourceExistsError
from azure.storage.blob.aio import ContainerClient

from local.host.blob_listener import BlobListener
from local.host.blob_path import parse_blob_path
from local.host.definitions import (
    BLOB,
    EVENT_HUB,
    HTTP,
    TIMER,
    FunctionDefinition,
    define_function,
)
from local.host.errors import FunctionError, HostError
from local.host.eventhub_connection import find_event_hub
from local.host.eventhub_listener import EventHubListener
from local.host.executor import Executor
from local.host.host_id import derive_host_id
from local.host.host_json import HostConfig
from local.host.http_server import HttpServer, make_route
from local.host.indexing import IndexedFunction
from local.host.runtime import FunctionHost, HostParts, Listener
from local.host.schedule import parse_schedule
from local.host.schedule_monitor import ScheduleMonitor
from local.host.settings import AppSettings
from local.host.singleton import SingletonLocks
from local.host.storage import HOSTS_CONTAINER, StorageConnection, find_storage
from local.host.timer_listener import TimerListener
from local.host.worker_client import WorkerClient

_LOG = logging.getLogger("Host.Startup")


@dataclass(frozen=True, slots=True, kw_only=True)
class HostOptions:
    """The options from the command line and the app's files."""

    app_directory: Path
    config: HostConfig
    settings: AppSettings
    blob_scan_interval: timedelta


class Composition:
    """Builds the parts of one host; it logs each invalid function and leaves it out."""

    def __init__(
        self,
        options: HostOptions,
        host: FunctionHost,
        worker: WorkerClient,
        stack: AsyncExitStack,
    ) -> None:
        """Build for this host; closing the stack closes the clients."""
        self._options = options
        self._stack = stack
        self._host_id = derive_host_id(
            options.settings,
            machine_name=socket.gethostname(),
            app_directory=options.app_directory,
        )
        self._worker = worker
        self._executor = Executor(
            self._worker, timeout=options.config.function_timeout, on_timeout=host.fail
        )
        self._listeners: dict[str, Listener] = {}
        self._functions: dict[str, FunctionDefinition] = {}

    async def build(self, indexed: Iterable[IndexedFunction]) -> HostParts:
        """Build the parts for these functions."""
        accepted = [f for f in map(self._define, indexed) if f and not self._is_disabled(f)]
        storage = container = None
        if any(function.trigger_type != HTTP for function in accepted):
            storage = find_storage(self._options.settings, "Storage")
            container = await self._open_container(storage)
        for function in accepted:
            try:
                self._add(function, storage, container)
            except (HostError, ValueError) as error:
                _LOG.error("%s", FunctionError(function.name, str(error)))
        return self._collect()

    def _collect(self) -> HostParts:
        http = HttpServer(
            self._functions,
            executor=self._executor,
            route_prefix=self._options.config.route_prefix,
            host_id=self._host_id,
            run_timer=self._run_timer,
        )
        return HostParts(
            worker=self._worker,
            http=http,
            listeners=self._listeners,
            functions=self._functions,
            function_timeout=self._options.config.function_timeout,
        )

    def _define(self, indexed: IndexedFunction) -> FunctionDefinition | None:
        try:
            return define_function(indexed, default_retry=self._options.config.retry)
        except FunctionError as error:
            _LOG.error("%s", error)
            return None

    def _is_disabled(self, function: FunctionDefinition) -> bool:
        value = self._options.settings.get(f"AzureWebJobs.{function.name}.Disabled") or ""
        if value.casefold() in ("true", "1"):
            _LOG.info("Function '%s' is disabled", function.name)
            return True
        return False

    def _add(
        self,
        function: FunctionDefinition,
        storage: StorageConnection | None,
        container: ContainerClient | None,
    ) -> None:
        if function.trigger_type == HTTP:
            make_route(function, self._options.config.route_prefix)
        elif storage and container:
            makers = {
                TIMER: lambda: self._make_timer(function, container),
                BLOB: lambda: self._make_blob(function, container),
                EVENT_HUB: lambda: self._make_event_hub(function, storage),
            }
            self._listeners[function.name] = makers[function.trigger_type]()
        self._functions[function.name] = function

    def _make_timer(self, function: FunctionDefinition, container: ContainerClient) -> Listener:
        text = self._options.settings.resolve(str(function.trigger["schedule"]))
        schedule = parse_schedule(text)
        # A schedule below one minute is never monitored, even if the function asks for it.
        monitored = schedule.is_monitored and function.trigger.get("useMonitor") is not False
        return TimerListener(
            function,
            schedule,
            executor=self._executor,
            monitor=ScheduleMonitor(container, host_id=self._host_id) if monitored else None,
            locks=SingletonLocks(container, host_id=self._host_id),
        )

    def _make_blob(self, function: FunctionDefinition, container: ContainerClient) -> Listener:
        source = str(function.trigger.get("source") or "LogsAndContainerScan")
        if source != "LogsAndContainerScan":
            msg = f"this local host has no blob trigger with source '{source}'"
            raise HostError(msg)
        settings = self._options.settings
        connection = str(function.trigger.get("connection") or "Storage")
        return BlobListener(
            function,
            parse_blob_path(settings.resolve(str(function.trigger["path"]))),
            storage=find_storage(settings, connection.removeprefix("AzureWebJobs")),
            receipts=container,
            locks=SingletonLocks(container, host_id=self._host_id),
            host_id=self._host_id,
            interval=self._options.blob_scan_interval,
            executor=self._executor,
        )

    def _make_event_hub(self, function: FunctionDefinition, storage: StorageConnection) -> Listener:
        return EventHubListener(
            function,
            find_event_hub(function, self._options.settings),
            options=self._options.config.event_hubs,
            storage=storage,
            executor=self._executor,
        )

    async def _run_timer(self, name: str) -> bool:
        listener = self._listeners.get(name)
        if not isinstance(listener, TimerListener):
            return False
        listener.start_by_hand()
        return True

    async def _open_container(self, storage: StorageConnection) -> ContainerClient:
        service = await self._stack.enter_async_context(storage.blob_service())
        container = service.get_container_client(HOSTS_CONTAINER)
        try:
            with contextlib.suppress(ResourceExistsError):
                await container.create_container()
        except AzureError as error:
            msg = f"AzureWebJobsStorage cannot be used: {error}"
            raise HostError(msg) from error
        return container


def environment_settings() -> AppSettings:
    """Read the app settings from the environment."""
    return AppSettings.from_environment(os.environ)

"""The one composition root: from settings and a clock to the service's parts."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from time import monotonic
from typing import Any, Generic, TypeVar, overload

from azure.data.tables import TableServiceClient
from azure.identity import DefaultAzureCredential

from shared.adapters.contract_files import CONTRACTS_FOLDER, load_contracts
from shared.adapters.hub_events import EventHubEvents
from shared.adapters.hub_reader import EventHubReader
from shared.adapters.lake import open_lake
from shared.adapters.ledger_store import TableLedger
from shared.adapters.process_faults import ProcessFaults
from shared.adapters.tables import open_tables
from shared.adapters.work_store import TableWorkStore
from shared.contracts.catalog import ContractCatalog
from shared.dropzone.receiving import Dropzone
from shared.encoding.encoder_choice import Core, choose_core, core_document
from shared.hub.address import PartitionAddress
from shared.hub.events import EventReader
from shared.hub.properties import HubPartition, HubReader
from shared.lake import Lake
from shared.landing.circuit_breaker import CircuitBreaker
from shared.landing.fault_points import Reach, pass_by
from shared.landing.lander import Lander
from shared.landing.reconciler import Reconciler
from shared.landing.sweeper import Sweeper
from shared.ledger.store import LedgerStore
from shared.logs import log_event
from shared.settings import Settings
from shared.status.batches import batches_document, parse_batches_query
from shared.status.latest_answer import LatestAnswer
from shared.status.reader import StatusReader
from shared.transform.transformer import Tick, Transformer
from shared.transform.work_store import WorkStore

T = TypeVar("T")
logger = logging.getLogger("landfall.service")


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


class part(Generic[T]):  # noqa: N801 - used as a decorator, like `property`
    """A part of the service: made when it is first asked for, once, by one thread.

    `functools.cached_property` takes no lock from Python 3.12 on. A part that cannot be made
    raises, and is tried again the next time.
    """

    def __init__(self, make: Callable[[Any], T]) -> None:
        """Keep what makes the part."""
        self._make, self.__doc__ = make, make.__doc__

    @overload
    def __get__(self, service: None, _: type) -> "part[T]": ...
    @overload
    def __get__(self, service: "Service", _: type) -> T: ...
    def __get__(self, service: "Service | None", _: type) -> "part[T] | T":
        """Return the part; once made, it is kept in the service's own dictionary."""
        if service is None:
            return self
        with service.lock:
            made = vars(service)
            name = self._make.__name__
            if name not in made:
                made[name] = self._make(service)
            part_made: T = made[name]
            return part_made


class Service:
    """The service's parts, each made once and when asked."""

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], datetime] = utc_now,
        *,
        contracts_folder: Path = CONTRACTS_FOLDER,
    ) -> None:
        """Keep the settings; does no I/O."""
        self.settings, self.clock = settings, clock
        self.contracts_folder = contracts_folder
        self.lock = RLock()

    @part
    def contracts(self) -> ContractCatalog:
        """The contracts that events are checked against; raises MisconfiguredError."""
        return ContractCatalog(
            load_contracts(self.contracts_folder), self.settings.default_contract
        )

    @part
    def core(self) -> Core:
        """What judges and encodes; raises MisconfiguredError."""
        core = choose_core(self.contracts, self.settings.core)
        log_event(logger, logging.INFO, "core_chosen", **core_document(core))
        return core

    @part
    def lake(self) -> Lake:
        """The lake's file system."""
        settings = self.settings
        return open_lake(settings.lake, settings.lake_file_system, self._credential, self._reach)

    @part
    def ledger(self) -> LedgerStore:
        """The ledger."""
        return TableLedger(self._tables, self.settings.ledger_table)

    @part
    def works(self) -> WorkStore:
        """What Databricks has to do."""
        return TableWorkStore(self._tables, self.settings.ledger_table)

    @part
    def hub(self) -> HubReader:
        """The hub's own properties."""
        settings = self.settings
        return EventHubReader(
            settings.event_hubs, settings.hub, settings.consumer_group, self._credential
        )

    @part
    def events(self) -> EventReader:
        """The hub's events, read again."""
        settings = self.settings
        return EventHubEvents(settings.event_hubs, settings.hub, settings.replay_consumer_group)

    @part
    def lander(self) -> Lander:
        """What lands batches."""
        return Lander(
            contracts=self.contracts,
            lake=self.lake,
            ledger=self.ledger,
            hub=self.hub,
            events=self.events,
            codec=self.settings.codec,
            encoder_of=self.core.encoder_of,
            clock=self.clock,
            circuit_breaker=self._circuit_breaker,
            reach=self._reach,
        )

    @part
    def reconciler(self) -> Reconciler:
        """What compares the ledger with hub and lake."""
        return Reconciler(
            ledger=self.ledger,
            hub=self.hub,
            read_partitions=self._latest_hub.read_now,
            events=self.events,
            lander=self.lander,
            sweeper=Sweeper(self.lake, self.ledger),
            clock=self.clock,
        )

    @part
    def transformer(self) -> Transformer | None:
        """What gives windows to Databricks; None where no workspace is set."""
        settings = self.settings
        if settings.databricks is None:
            return None
        # Importing the SDK takes longer than all other imports together: a start must not wait.
        from shared.adapters.databricks import DatabricksJobs

        return Transformer(
            ledger=self.ledger,
            works=self.works,
            lake=self.lake,
            runner=DatabricksJobs(settings.databricks, self._credential),
            limits=settings.window_limits,
            backoff=settings.run_backoff,
            timeout=settings.run_timeout,
            lake_uri=settings.databricks.lake_uri,
            clock=self.clock,
        )

    @part
    def dropzone(self) -> Dropzone:
        """What takes in dropped files."""
        # It imports polars, which nothing else here needs: a start must not wait for it.
        from shared.adapters.row_files import read_rows

        return Dropzone(
            contracts=self.contracts,
            works=self.works,
            lake=self.lake,
            transformer=self.transformer,
            read_rows=read_rows,
            clock=self.clock,
        )

    @part
    def status_reader(self) -> StatusReader:
        """What reads where everything stands."""
        return StatusReader(
            contracts=self.contracts,
            core=self.core,
            ledger=self.ledger,
            works=self.works,
            hub=self._latest_hub,
            circuit_breaker=self._circuit_breaker,
            clock=self.clock,
        )

    @part
    def _credential(self) -> DefaultAzureCredential:
        return DefaultAzureCredential()

    @part
    def _tables(self) -> TableServiceClient:
        return open_tables(self.settings.ledger, self._credential)

    @part
    def _reach(self) -> Reach:
        faults = self.settings.faults
        return ProcessFaults(faults) if faults else pass_by

    @part
    def _circuit_breaker(self) -> CircuitBreaker:
        return CircuitBreaker(self.clock, monotonic)

    @part
    def _latest_hub(self) -> LatestAnswer[Sequence[HubPartition]]:
        return LatestAnswer(self.hub.read_partitions, self.clock)

    def tick_transform(self) -> Tick:
        """Do one tick: plan windows, submit their runs, follow them."""
        if self.transformer is None:
            return Tick(problem="no Databricks workspace is set")
        return self.transformer.tick()

    def list_batches_document(self, parameters: Mapping[str, str]) -> Mapping[str, object]:
        """A page of committed batches as JSON; raises BadRequestError for a bad parameter."""
        query = parse_batches_query(parameters)
        address = PartitionAddress(
            hub=query.hub or self.settings.hub, partition_id=query.partition_id
        )
        found = self.ledger.list_batches(address, query.from_sequence_number, query.limit)
        return batches_document(query, found)

"""The one composition root: from settings to the service's parts, each made once and when asked."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from time import monotonic

from azure.data.tables import TableServiceClient
from azure.identity import DefaultAzureCredential

from shared.adapters.contract_files import load_contracts
from shared.adapters.databricks import DatabricksJobs
from shared.adapters.hub_events import EventHubEvents
from shared.adapters.hub_reader import EventHubReader
from shared.adapters.lake import DataLake, open_lake
from shared.adapters.ledger_store import TableLedger
from shared.adapters.process_faults import ProcessFaults
from shared.adapters.row_files import read_rows
from shared.adapters.tables import open_tables
from shared.adapters.work_store import TableWorkStore
from shared.contracts.catalog import ContractCatalog
from shared.dropzone.receiving import Dropzone
from shared.encoding.encoder_choice import Core, choose_core, core_document
from shared.errors import MisconfiguredError
from shared.hub.properties import HubPartition
from shared.landing.circuit_breaker import CircuitBreaker
from shared.landing.fault_points import Reach, pass_by
from shared.landing.lander import Lander
from shared.landing.reconciler import Reconciler, Reconciliation
from shared.landing.sweeper import Sweeper
from shared.ledger.batch import CommittedBatch
from shared.logs import log_event
from shared.settings import Settings, read_settings
from shared.status.batches import BatchesQuery
from shared.status.latest_answer import LatestAnswer
from shared.status.pipeline import PipelineStatus, failing_pipeline
from shared.status.reader import StatusReader
from shared.transform.transformer import Tick, Transformer

logger = logging.getLogger("landfall.service")
CONTRACTS_FOLDER = Path(__file__).parent.parent / "contracts"


def lander() -> Lander:
    """What `ingest` lands batches with."""
    return _lander()


def read_status() -> PipelineStatus:
    """Where everything stands; a configuration that cannot work is the first thing it says."""
    try:
        return _status_reader().read()
    except MisconfiguredError as error:
        return failing_pipeline(f"configuration: {error}", _now())


def list_batches(query: BatchesQuery) -> Sequence[CommittedBatch]:
    """A page of committed batches, as the ledger has them."""
    hub = query.hub or _settings().hub
    return _ledger().list_batches(hub, query.partition_id, query.from_sequence_number, query.limit)


def tick_transform() -> Tick:
    """Do what there is to do now between the ledger and Databricks."""
    transformer = _transformer()
    return transformer.tick() if transformer else Tick(problem="no Databricks workspace is set")


def dropzone() -> Dropzone:
    """What takes in dropped files."""
    return _dropzone()


def reconcile_with_hub() -> Reconciliation:
    """Make the heads that the ledger lacks, and land again what it misses."""
    return _reconciler().tick()


def _now() -> datetime:
    return datetime.now(UTC)


@cache
def _settings() -> Settings:
    return read_settings()


@cache
def _credential() -> DefaultAzureCredential:
    return DefaultAzureCredential()


@cache
def _contracts() -> ContractCatalog:
    return ContractCatalog(load_contracts(CONTRACTS_FOLDER), _settings().default_contract)


@cache
def _core() -> Core:
    core = choose_core(_contracts(), _settings().core)
    log_event(logger, logging.INFO, "core_chosen", **core_document(core))
    return core


@cache
def _ledger() -> TableLedger:
    return TableLedger(_tables(), _settings().ledger_table)


@cache
def _tables() -> TableServiceClient:
    return open_tables(_settings().ledger, _credential())


@cache
def _hub() -> EventHubReader:
    settings = _settings()
    return EventHubReader(settings.event_hubs, settings.hub, settings.consumer_group, _credential())


@cache
def _events() -> EventHubEvents:
    settings = _settings()
    return EventHubEvents(settings.event_hubs, settings.hub, settings.replay_consumer_group)


@cache
def _lake() -> DataLake:
    settings = _settings()
    return open_lake(settings.lake, settings.lake_file_system, _credential(), _reach())


@cache
def _reach() -> Reach:
    faults = _settings().faults
    return ProcessFaults(faults) if faults else pass_by


@cache
def _works() -> TableWorkStore:
    return TableWorkStore(_tables(), _settings().ledger_table)


@cache
def _transformer() -> Transformer | None:
    settings = _settings()
    if settings.databricks is None:
        return None
    return Transformer(
        ledger=_ledger(),
        works=_works(),
        lake=_lake(),
        runner=DatabricksJobs(settings.databricks, _credential()),
        limits=settings.window_limits,
        backoff=settings.run_backoff,
        lake_uri=settings.databricks.lake_uri,
        clock=_now,
    )


@cache
def _dropzone() -> Dropzone:
    return Dropzone(
        contracts=_contracts(),
        works=_works(),
        lake=_lake(),
        transformer=_transformer(),
        read_rows=read_rows,
        clock=_now,
    )


@cache
def _reconciler() -> Reconciler:
    return Reconciler(
        ledger=_ledger(),
        hub=_hub(),
        read_partitions=_latest_hub().read_now,
        events=_events(),
        lander=_lander(),
        sweeper=Sweeper(_lake(), _ledger()),
        clock=_now,
    )


@cache
def _lander() -> Lander:
    settings = _settings()
    return Lander(
        contracts=_contracts(),
        lake=_lake(),
        ledger=_ledger(),
        hub=_hub(),
        events=_events(),
        codec=settings.codec,
        encoder_of=_core().encoder_of,
        clock=_now,
        breaker=_breaker(),
        reach=_reach(),
    )


@cache
def _breaker() -> CircuitBreaker:
    return CircuitBreaker(_now, monotonic)


@cache
def _status_reader() -> StatusReader:
    return StatusReader(
        contracts=_contracts(),
        core=_core(),
        ledger=_ledger(),
        works=_works(),
        hub=_latest_hub(),
        breaker=_breaker(),
        clock=_now,
    )


@cache
def _latest_hub() -> LatestAnswer[Sequence[HubPartition]]:
    return LatestAnswer(_hub().read_partitions, _now)

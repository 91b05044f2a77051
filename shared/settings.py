"""The service's settings, read from the environment here and nowhere else."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, TypeVar

from shared.encoding.compression import LEVELS, Codec, CodecName
from shared.encoding.encoder_choice import CORE_CHOICES, CoreChoice
from shared.errors import MisconfiguredError
from shared.landing.fault_points import Fault, parse_faults
from shared.transform.windows import WindowLimits

Choice = TypeVar("Choice", bound=str)
CODECS: tuple[CodecName, ...] = ("deflate", "null", "snappy", "zstandard")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a service is: a connection string with its key, or an address for azure-identity."""

    value: str = field(repr=False)
    is_connection_string: bool


Compute = Literal["job_cluster", "serverless", "existing_cluster"]
COMPUTES: tuple[Compute, ...] = ("job_cluster", "serverless", "existing_cluster")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabricksSettings:
    """Where jobs run, and on what; without a token, azure-identity signs in."""

    #: The workspace's address.
    host: str
    #: None: azure-identity signs in.
    token: str | None = field(repr=False)
    #: The workspace's Azure resource id, which an identity's requests carry.
    resource_id: str | None
    #: On what each run runs.
    compute: Compute
    #: Of an existing cluster; None for any other compute.
    cluster_id: str | None
    #: The job cluster's runtime.
    spark_version: str
    #: The job cluster's machines.
    node_type: str
    #: How many workers the job cluster has.
    workers: int
    #: The folder of the jobs' files in the workspace.
    jobs_root: str
    #: The wheel that the jobs import; None where the compute has it.
    wheel: str | None
    #: The lake as Spark names it.
    lake_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set; local.settings.sample.json shows each."""

    #: The hub's name.
    hub: str
    #: The group in which the trigger reads.
    consumer_group: str
    #: The group in which gaps are read again.
    replay_consumer_group: str
    #: The namespace.
    event_hubs: Endpoint
    #: The storage account of the lake.
    lake: Endpoint
    #: The lake's file system.
    lake_file_system: str
    #: The storage account of the ledger.
    ledger: Endpoint
    #: The ledger's table.
    ledger_table: str
    #: How the files' blocks are compressed.
    codec: Codec
    #: Which core judges and encodes.
    core: CoreChoice
    #: For events that name no contract; None: they are quarantined.
    default_contract: str | None
    #: When a window is full.
    window_limits: WindowLimits
    #: The wait before a failed run is tried again.
    run_backoff: timedelta
    #: How long a run may take.
    run_timeout: timedelta
    #: None: what lands stays in bronze.
    databricks: DatabricksSettings | None
    #: What a test calls for; none in Azure.
    faults: Sequence[Fault]


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; raises MisconfiguredError with every problem at once."""
    reader = _Reader(environment)
    settings = Settings(
        hub=reader.text("LANDFALL_HUB"),
        consumer_group=reader.text("LANDFALL_CONSUMER_GROUP", "$Default"),
        replay_consumer_group=reader.text("LANDFALL_REPLAY_CONSUMER_GROUP", "landfall-replay"),
        event_hubs=reader.endpoint("LANDFALL_EVENTHUBS", "fullyQualifiedNamespace"),
        lake=reader.endpoint("LANDFALL_LAKE", "serviceUri"),
        lake_file_system=reader.text("LANDFALL_LAKE_FILESYSTEM", "landfall"),
        ledger=reader.endpoint("LANDFALL_LEDGER", "serviceUri"),
        ledger_table=reader.text("LANDFALL_LEDGER_TABLE", "landfall"),
        codec=reader.codec(),
        core=reader.choice("LANDFALL_CORE", CORE_CHOICES),
        default_contract=environment.get("LANDFALL_DEFAULT_CONTRACT") or None,
        window_limits=WindowLimits(
            files=reader.number("LANDFALL_WINDOW_FILES", 200),
            bytes=reader.number("LANDFALL_WINDOW_MEGABYTES", 1024) * 1024 * 1024,
            age=timedelta(seconds=reader.number("LANDFALL_WINDOW_SECONDS", 300)),
        ),
        run_backoff=timedelta(seconds=reader.number("LANDFALL_RUN_BACKOFF_SECONDS", 30)),
        run_timeout=timedelta(seconds=reader.number("LANDFALL_RUN_TIMEOUT_SECONDS", 7200)),
        databricks=reader.databricks(),
        faults=reader.faults(),
    )
    reader.require_no_problem()
    return settings


def read_core_choice(environment: Mapping[str, str] = os.environ) -> CoreChoice:
    """Read only which core is wanted; raises MisconfiguredError."""
    reader = _Reader(environment)
    choice: CoreChoice = reader.choice("LANDFALL_CORE", CORE_CHOICES)
    reader.require_no_problem()
    return choice


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[str] = []

    def require_no_problem(self) -> None:
        if self.problems:
            message = "; ".join(self.problems)
            raise MisconfiguredError(message, hint="local.settings.sample.json shows every setting")

    def text(self, name: str, default: str = "") -> str:
        value = self._environment.get(name) or default
        if not value:
            self.problems.append(f"{name} is not set")
        return value

    def number(self, name: str, default: int) -> int:
        value = self._environment.get(name) or str(default)
        if not (value.isascii() and value.isdecimal() and int(value) > 0):
            self.problems.append(f"{name} is no number above 0")
            return default
        return int(value)

    def optional(self, name: str) -> str | None:
        return self._environment.get(name) or None

    def databricks(self) -> DatabricksSettings | None:
        """Read where jobs run; without a workspace, events stay in bronze."""
        host = self.optional("LANDFALL_DATABRICKS_HOST")
        if host is None:
            return None
        compute = self.choice("LANDFALL_DATABRICKS_COMPUTE", COMPUTES)
        cluster_id = self.optional("LANDFALL_DATABRICKS_CLUSTER_ID")
        if (compute == "existing_cluster") != (cluster_id is not None):
            self.problems.append(
                "LANDFALL_DATABRICKS_CLUSTER_ID goes with the compute existing_cluster"
            )
        return DatabricksSettings(
            host=host,
            token=self.optional("LANDFALL_DATABRICKS_TOKEN"),
            resource_id=self.optional("LANDFALL_DATABRICKS_RESOURCE_ID"),
            compute=compute,
            cluster_id=cluster_id,
            spark_version=self.text("LANDFALL_DATABRICKS_SPARK_VERSION", "17.3.x-scala2.13"),
            node_type=self.text("LANDFALL_DATABRICKS_NODE_TYPE", "Standard_D4ds_v5"),
            workers=self.number("LANDFALL_DATABRICKS_WORKERS", 1),
            jobs_root=self.text("LANDFALL_JOBS_ROOT"),
            wheel=self.optional("LANDFALL_JOBS_WHEEL"),
            lake_uri=self.text("LANDFALL_LAKE_URI").rstrip("/"),
        )

    def faults(self) -> Sequence[Fault]:
        """Read the faults that a test sets; none by default."""
        try:
            return parse_faults(self._environment.get("LANDFALL_FAULT_POINTS") or "")
        except ValueError as error:
            self.problems.append(f"LANDFALL_FAULT_POINTS: {error}")
            return ()

    def choice(self, name: str, choices: Sequence[Choice]) -> Choice:
        """Read one of several values; the first is the default."""
        wanted = self._environment.get(name) or choices[0]
        chosen = next((known for known in choices if known == wanted), None)
        if chosen is None:
            self.problems.append(f"{name} is none of {', '.join(choices)}")
        return chosen or choices[0]

    def endpoint(self, name: str, address: str) -> Endpoint:
        """Read `NAME` or `NAME__address`, as the Functions host does for its own connections."""
        if connection_string := self._environment.get(name):
            return Endpoint(value=connection_string, is_connection_string=True)
        uri = self._environment.get(f"{name}__{address}", "")
        if not uri:
            self.problems.append(f"neither {name} nor {name}__{address} is set")
        return Endpoint(value=uri, is_connection_string=False)

    def codec(self) -> Codec:
        name = self.choice("LANDFALL_CODEC", CODECS)
        level = self._environment.get("LANDFALL_CODEC_LEVEL") or ""
        allowed = LEVELS.get(name, range(0))
        if level and not (level.isdecimal() and int(level) in allowed):
            limits = f"{allowed[0]} to {allowed[-1]}" if allowed else "nothing: it has no levels"
            self.problems.append(f"LANDFALL_CODEC_LEVEL for {name} is {limits}")
            return Codec()
        return Codec(name=name, level=int(level) if level else None)

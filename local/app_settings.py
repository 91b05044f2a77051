"""The app's settings on the local stack: the sample's settings, with the stack's own endpoints."""

import json
import os
from pathlib import Path

from local.ports import Ports
from local.spark.session import why_spark_is_missing

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "local.settings.sample.json"
# A person is waiting: make windows, and follow runs, within seconds.
PACE = {
    "LANDFALL_TRANSFORM_SCHEDULE": "*/2 * * * * *",
    "LANDFALL_WINDOW_SECONDS": "5",
    "LANDFALL_RUN_BACKOFF_SECONDS": "2",
}
DATABRICKS_TOKEN = "landfall-local"
# Keys of emulators that listen on loopback only; Microsoft publishes Azurite's key.
ACCOUNT_KEYS = {
    "hub": "bGFuZGZhbGwtbG9jYWw=",
    "lake": "bGFuZGZhbGwtbG9jYWw=",
    "azurite": (
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
    ),
}


def app_settings(ports: Ports, data: Path) -> dict[str, str]:
    """The function host's environment: every setting of the sample.

    A setting in our own environment overrides the sample's; the endpoints are always the stack's.
    """
    sample: dict[str, str] = json.loads(SAMPLE.read_text())["Values"]
    chosen = {name: os.environ.get(name, value) for name, value in (sample | PACE).items()}
    azurite = _azurite(ports)
    return {
        **chosen,
        "AzureWebJobsStorage": azurite,
        "LANDFALL_LEDGER": azurite,
        "LANDFALL_DROPZONE": azurite,
        "LANDFALL_EVENTHUBS": (
            f"Endpoint=sb://127.0.0.1:{ports.hub};SharedAccessKeyName=RootManageSharedAccessKey;"
            f"SharedAccessKey={ACCOUNT_KEYS['hub']};UseDevelopmentEmulator=true;"
        ),
        "LANDFALL_LAKE": (
            f"DefaultEndpointsProtocol=http;AccountName=landfalllake;"
            f"AccountKey={ACCOUNT_KEYS['lake']};"
            f"BlobEndpoint=http://127.0.0.1:{ports.lake}/landfalllake;"
        ),
        **_databricks(ports, data / "lake" / chosen["LANDFALL_LAKE_FILESYSTEM"]),
    }


def has_spark() -> bool:
    """Whether this machine can execute runs; without Spark the stack ends at bronze."""
    return not why_spark_is_missing()


def _databricks(ports: Ports, lake: Path) -> dict[str, str]:
    if not has_spark():
        return {"LANDFALL_DATABRICKS_HOST": ""}
    return {
        "LANDFALL_DATABRICKS_HOST": f"http://127.0.0.1:{ports.databricks}",
        "LANDFALL_DATABRICKS_TOKEN": DATABRICKS_TOKEN,
        "LANDFALL_JOBS_ROOT": str(ROOT / "jobs"),
        "LANDFALL_LAKE_URI": lake.resolve().as_uri(),
    }


def _azurite(ports: Ports) -> str:
    account = "devstoreaccount1"
    endpoints = {"Blob": ports.blob, "Queue": ports.queue, "Table": ports.table}
    return (
        f"DefaultEndpointsProtocol=http;AccountName={account};AccountKey={ACCOUNT_KEYS['azurite']};"
        + "".join(
            f"{name}Endpoint=http://127.0.0.1:{port}/{account};" for name, port in endpoints.items()
        )
    )

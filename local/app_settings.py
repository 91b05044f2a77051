"""The app's settings on the local stack: the sample's, with the stack's own endpoints."""

import json
import os
from pathlib import Path

from local.ports import Ports

SAMPLE = Path(__file__).resolve().parent.parent / "local.settings.sample.json"
# Keys of emulators that listen on loopback only; Azurite's is the one that Microsoft publishes.
ACCOUNT_KEYS = {
    "hub": "bGFuZGZhbGwtbG9jYWw=",
    "lake": "bGFuZGZhbGwtbG9jYWw=",
    "azurite": (
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
    ),
}


def app_settings(ports: Ports) -> dict[str, str]:
    """What the function host gets as its environment: every setting of the sample.

    One that stands in our own environment wins over the sample's; the endpoints are the stack's.
    """
    sample: dict[str, str] = json.loads(SAMPLE.read_text())["Values"]
    chosen = {name: os.environ.get(name, value) for name, value in sample.items()}
    azurite = _azurite(ports)
    return {
        **chosen,
        "AzureWebJobsStorage": azurite,
        "LANDFALL_LEDGER": azurite,
        "LANDFALL_EVENTHUBS": (
            f"Endpoint=sb://127.0.0.1:{ports.hub};SharedAccessKeyName=RootManageSharedAccessKey;"
            f"SharedAccessKey={ACCOUNT_KEYS['hub']};UseDevelopmentEmulator=true;"
        ),
        "LANDFALL_LAKE": (
            f"DefaultEndpointsProtocol=http;AccountName=landfalllake;"
            f"AccountKey={ACCOUNT_KEYS['lake']};"
            f"BlobEndpoint=http://127.0.0.1:{ports.lake}/landfalllake;"
        ),
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

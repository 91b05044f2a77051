import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from shared.encoding.compression import Codec
from shared.errors import MisconfiguredError
from shared.settings import read_settings
from tests.root import ROOT

SAMPLE: dict[str, str] = json.loads((ROOT / "local.settings.sample.json").read_text())["Values"]
HOSTS_OWN = {"FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage"}
ALTERNATIVES = {"LANDFALL_EVENTHUBS", "LANDFALL_LAKE", "LANDFALL_LEDGER"}


class Recording(Mapping[str, str]):
    """An environment that knows what it was asked for."""

    def __init__(self, values: dict[str, str]) -> None:
        self.values_, self.asked = values, set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self.values_[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_)

    def __len__(self) -> int:
        return len(self.values_)


def bindings_settings() -> set[str]:
    texts = [path.read_text() for path in (ROOT / "functions").glob("*.py")]
    named = {name for text in texts for name in re.findall(r"%(\w+)%", text)}
    return named | {name for text in texts for name in re.findall(r'connection="(\w+)"', text)}


def test_the_sample_is_a_whole_configuration() -> None:
    settings = read_settings(SAMPLE)

    assert (settings.hub, settings.lake_file_system) == ("events", "landfall")
    assert settings.codec == Codec(name="deflate", level=1)


def test_the_sample_lists_every_setting_that_is_read_or_stands_in_a_binding() -> None:
    environment = Recording(SAMPLE | {"LANDFALL_DATABRICKS_HOST": "http://workspace"})

    read_settings(environment)

    assert environment.asked | bindings_settings() | HOSTS_OWN == SAMPLE.keys()


def test_every_problem_is_in_one_error() -> None:
    with pytest.raises(MisconfiguredError) as raised:
        read_settings({"LANDFALL_CODEC": "zip", "LANDFALL_WINDOW_FILES": "0"})

    told = str(raised.value)
    assert all(name in told for name in ALTERNATIVES)
    assert "LANDFALL_HUB is not set" in told
    assert "LANDFALL_CODEC is none of deflate, null, snappy, zstandard" in told
    assert "LANDFALL_WINDOW_FILES is no number above 0" in told


def test_an_address_stands_in_for_a_connection_string() -> None:
    address = {"LANDFALL_LAKE__serviceUri": "https://account.dfs.core.windows.net"}
    values = {name: value for name, value in SAMPLE.items() if name != "LANDFALL_LAKE"} | address

    lake = read_settings(values).lake

    assert (lake.value, lake.is_connection_string) == (address["LANDFALL_LAKE__serviceUri"], False)


@pytest.mark.parametrize(
    ("codec", "level", "limits"),
    [
        ("deflate", "4", "0 to 3"),
        ("deflate", "-1", "0 to 3"),
        ("zstandard", "23", "1 to 22"),
        ("snappy", "1", "nothing"),
        ("null", "1", "nothing"),
    ],
)
def test_a_level_that_the_codec_does_not_have_is_refused(
    codec: str, level: str, limits: str
) -> None:
    values = SAMPLE | {"LANDFALL_CODEC": codec, "LANDFALL_CODEC_LEVEL": level}

    with pytest.raises(MisconfiguredError, match=f"LANDFALL_CODEC_LEVEL for {codec} is {limits}"):
        read_settings(values)


def test_secrets_are_not_shown() -> None:
    shown = repr(
        read_settings(
            SAMPLE
            | {"LANDFALL_DATABRICKS_HOST": "http://workspace", "LANDFALL_DATABRICKS_TOKEN": "hush"}
        )
    )

    assert "AccountKey" not in shown
    assert "SharedAccessKey=" not in shown
    assert "hush" not in shown


def test_the_samples_values_are_the_local_stacks_on_the_usual_ports() -> None:
    from local.app_settings import app_settings
    from local.ports import Ports

    local = app_settings(Ports(), Path("data"))

    named = {"LANDFALL_EVENTHUBS", "LANDFALL_LAKE", "LANDFALL_HUB", "LANDFALL_LAKE_FILESYSTEM"}
    assert {name: local[name] for name in named} == {name: SAMPLE[name] for name in named}

import json
from pathlib import Path

import pytest

from ops.stack_service import open_service, read_stack_settings
from shared.errors import MisconfiguredError

SETTINGS = {
    "LANDFALL_HUB": "events",
    "LANDFALL_EVENTHUBS": "Endpoint=sb://hub",
    "LANDFALL_LAKE": "AccountName=lake",
    "LANDFALL_LEDGER": "AccountName=ledger",
}


def test_a_stacks_file_names_the_settings(tmp_path: Path) -> None:
    stack = tmp_path / "stack.json"
    stack.write_text(json.dumps({"settings": SETTINGS, "processes": []}))

    assert read_stack_settings(stack).ledger.value == "AccountName=ledger"


def test_without_a_stack_the_environment_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**SETTINGS, "LANDFALL_HUB": "mine"}.items():
        monkeypatch.setenv(name, value)

    assert read_stack_settings(None).hub == "mine"


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "{}", '{"settings": 1}'])
def test_what_is_no_stacks_file_is_refused_by_its_name(tmp_path: Path, text: str) -> None:
    stack = tmp_path / "stack.json"
    stack.write_text(text)

    with pytest.raises(MisconfiguredError, match=r"stack\.json is not a stack's file"):
        read_stack_settings(stack)


def test_a_stacks_service_may_have_another_hub(tmp_path: Path) -> None:
    stack = tmp_path / "stack.json"
    stack.write_text(json.dumps({"settings": SETTINGS}))

    assert open_service(stack).settings.hub == "events"
    assert open_service(stack, hub="another").settings.hub == "another"

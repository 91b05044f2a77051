import json
from io import StringIO
from pathlib import Path

import pytest
from ops.stores import settings_of

from ops.audit.progress import ProgressBar
from shared.errors import MisconfiguredError

SETTINGS = {
    "LANDFALL_HUB": "events",
    "LANDFALL_EVENTHUBS": "Endpoint=sb://hub",
    "LANDFALL_LAKE": "AccountName=lake",
    "LANDFALL_LEDGER": "AccountName=ledger",
}


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_stacks_file_names_the_settings(tmp_path: Path) -> None:
    stack = tmp_path / "stack.json"
    stack.write_text(json.dumps({"settings": SETTINGS, "processes": []}))

    assert settings_of(stack).ledger.value == "AccountName=ledger"


def test_without_a_stack_the_environment_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.environ", {**SETTINGS, "LANDFALL_HUB": "mine"})

    assert settings_of(None).hub == "mine"


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "{}", '{"settings": 1}'])
def test_what_is_no_stacks_file_is_refused_by_its_name(tmp_path: Path, text: str) -> None:
    stack = tmp_path / "stack.json"
    stack.write_text(text)

    with pytest.raises(MisconfiguredError, match=r"stack\.json is not a stack's file"):
        settings_of(stack)


def test_progress_is_drawn_on_a_terminal_and_then_taken_away() -> None:
    times = iter([0.0, 2.0, 2.01, 3.0])
    out = Terminal()
    bar = ProgressBar(out, lambda: next(times))

    bar.show(1, 2, 4000)
    bar.show(1, 2, 4001)
    bar.show(2, 2, 9000)
    bar.clear()

    _, first, last, cleared = out.getvalue().split("\r")
    assert first == f"[{'#' * 15:<30}] 1 of 2 batches, 4,000 events, 2,000/s "
    assert last.endswith("2 of 2 batches, 9,000 events, 3,000/s ")
    assert cleared == "\x1b[K"


def test_progress_is_not_drawn_where_nobody_looks() -> None:
    out = StringIO()
    bar = ProgressBar(out, lambda: 0.0)

    bar.show(1, 2, 4000)
    bar.clear()

    assert out.getvalue() == ""

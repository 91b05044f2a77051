"""What the documents name exists: links, paths, targets, commands, tests, settings, codes."""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from ops.landfall import GROUPS
from shared.values.rejection import Reason

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
OPERATIONS, CONTRACTS = ROOT / "docs" / "operations.md", ROOT / "docs" / "contracts.md"
EXACTLY_ONCE = ROOT / "docs" / "exactly-once.md"
LINK = re.compile(r"\]\((?!\w+:)(?P<path>[^)#\s]*)(?:#(?P<heading>[^)\s]+))?\)")
FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
REPOSITORY_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)+/?")
SOURCE = re.compile(r"\.(py|rs|md|toml|yml|sql|avsc|json)$")
TEST = re.compile(r"`((?:test_|Test)\w+)`")
TARGET = re.compile(r"(?:^|[^\w-])make ([a-z]+)")
COMMAND = re.compile(r"(?:^|[^\w/.-])landfall ([a-z]+)")
ROW = re.compile(r"^\|(?! ?-)(.+)\|$", re.MULTILINE)
SETTING = re.compile(r'"(LANDFALL_\w+)"')
EVENT = re.compile(r'(?:event=|logging\.\w+, )"(\w+)"')


def prose(text: str) -> str:
    """The text without its fenced blocks."""
    return FENCED.sub("", text)


def codes(text: str) -> list[str]:
    """What stands in code spans and in fenced blocks; diagrams are prose."""
    blocks = [block for block in FENCED.findall(text) if "mermaid" not in block.partition("\n")[0]]
    return [*INLINE.findall(prose(text)), *blocks]


def anchors(text: str) -> set[str]:
    """The headings as GitHub links to them."""
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(prose(text)))
    return {heading.strip().replace(" ", "-") for heading in plain}


def broken_links(document: Path) -> list[str]:
    """The relative links that lead nowhere, and those to a heading that is not there."""
    found = list(LINK.finditer(prose(document.read_text())))
    targets = [(match, (document.parent / match["path"]).resolve()) for match in found]
    return [match[0] for match, path in targets if not _leads(match, path, document)]


def _leads(match: re.Match[str], path: Path, document: Path) -> bool:
    target = path if match["path"] else document
    if match["heading"]:
        return target.is_file() and match["heading"] in anchors(target.read_text())
    return target.exists()


def missing_paths(text: str) -> list[str]:
    """The code spans that look like paths of the repository, and are none."""
    spans = [span.partition("#")[0] for span in INLINE.findall(prose(text))]
    paths = [span for span in spans if REPOSITORY_PATH.fullmatch(span) and _is_ours(span)]
    return [path for path in paths if not (ROOT / path).exists()]


def _is_ours(path: str) -> bool:
    top = path.partition("/")[0]
    is_made = top.startswith((".", "_")) or top in ("dist", "bronze", "silver", "gold")
    return not is_made and ((ROOT / top).exists() or bool(SOURCE.search(path)))


def unknown(pattern: re.Pattern[str], text: str, known: Iterable[str]) -> list[str]:
    """What the text's code names after a word, and is not known."""
    named = {name for code in codes(text) for name in pattern.findall(code)}
    return sorted(named.difference(known))


@cache
def targets() -> frozenset[str]:
    return frozenset(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@cache
def defined_tests() -> frozenset[str]:
    texts = [path.read_text() for path in (ROOT / "tests").rglob("*.py")]
    defined = re.compile(r"^\s*(?:async )?def (test_\w+)|^(Test\w+) = ", re.MULTILINE)
    return frozenset(name for text in texts for pair in defined.findall(text) for name in pair)


def commands() -> Iterator[str]:
    return (name for group in GROUPS.values() for name in group)


def rows_without_a_test(text: str) -> list[str]:
    """The rows of tables with a column of tests in which none stands."""
    tables = [table for table in re.split(r"\n\n", text) if re.search(r"\| tests \|", table)]
    rows = [row for table in tables for row in ROW.findall(table)[1:]]
    return [row for row in rows if not TEST.search(row)]


def unnamed(names: Iterable[str], document: Path) -> list[str]:
    """The names that stand in no code span of a document."""
    named = {word for span in INLINE.findall(document.read_text()) for word in span.split()}
    return sorted(set(names) - named)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_path_target_command_and_test_of_a_document_exists(document: Path) -> None:
    text = document.read_text()

    assert broken_links(document) == []
    assert missing_paths(text) == []
    assert unknown(TARGET, text, targets()) == []
    assert unknown(COMMAND, text, commands()) == []
    assert sorted(set(TEST.findall(text)) - defined_tests()) == []


def test_every_invariant_and_failure_scenario_names_a_test() -> None:
    assert rows_without_a_test(EXACTLY_ONCE.read_text()) == []


def test_every_setting_stands_in_the_operations_page() -> None:
    sample = json.loads((ROOT / "local.settings.sample.json").read_text())["Values"]
    read = SETTING.findall((ROOT / "shared" / "settings.py").read_text())

    assert unnamed({*sample, *read}, OPERATIONS) == []


def test_every_event_of_the_log_stands_in_the_operations_page() -> None:
    folders = [*(ROOT / "shared").rglob("*.py"), *(ROOT / "functions").glob("*.py")]
    events = {name for path in folders for name in EVENT.findall(path.read_text())}

    assert len(events) > 5
    assert unnamed(events, OPERATIONS) == []


def test_every_reason_code_stands_in_the_contracts_page() -> None:
    assert unnamed((reason.value for reason in Reason), CONTRACTS) == []


def test_every_decision_stands_in_their_list() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = {match["path"] for match in LINK.finditer((folder / "README.md").read_text())}

    assert listed == {path.name for path in folder.glob("0*.md")}


def test_what_is_not_there_is_found(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text(
        "# A page\n[a](#a-page) [b](#b-page) [c](nowhere.md) `shared/nowhere.py` `gone/old.py`\n"
        "`make nothing` `landfall nothing` We make everything.\n```\nmake neither\n```\n"
    )
    text = document.read_text()

    assert broken_links(document) == ["](#b-page)", "](nowhere.md)"]
    assert missing_paths(text) == ["shared/nowhere.py", "gone/old.py"]
    assert unknown(TARGET, text, targets()) == ["neither", "nothing"]
    assert unknown(COMMAND, text, commands()) == ["nothing"]


def test_a_row_without_a_test_is_found() -> None:
    table = "| invariant | tests |\n|---|---|\n| a | `test_a` |\n| b | |"

    assert rows_without_a_test(table) == [" b | "]


def test_a_name_that_a_page_leaves_out_is_found() -> None:
    assert unnamed(["LANDFALL_HUB", "LANDFALL_NOWHERE"], OPERATIONS) == ["LANDFALL_NOWHERE"]

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ops.__main__ import main
from shared.encoding.encoder_choice import choose_core, core_document
from shared.encoding.reference_encoder import ReferenceEncoder
from shared.errors import MisconfiguredError
from tests.builders import a_contract

PLAIN = a_contract()
BACK_REFERENCE = a_contract({"name": "x", "type": "string", "pattern": r"(a)\1"}, name="twice")
DECIMAL = {"logicalType": "decimal", "precision": 38}


@pytest.fixture
def without_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "landfall_native", None)


def test_the_reference_is_there_for_who_asks_for_it() -> None:
    core = choose_core([PLAIN], "reference")

    assert isinstance(core.encoder_of(PLAIN), ReferenceEncoder)
    assert core_document(core) == {
        "name": "reference",
        "version": None,
        "problem": None,
        "fallbacks": {},
    }


@pytest.mark.usefixtures("without_wheel")
def test_without_the_wheel_the_reference_works_and_says_why() -> None:
    core = choose_core([PLAIN])

    assert (core.name, type(core.encoder_of(PLAIN))) == ("reference", ReferenceEncoder)
    assert core.problem is not None
    assert core.problem.startswith("the native core is not installed: ")


@pytest.mark.usefixtures("without_wheel")
def test_who_asks_for_the_native_core_where_it_is_not_is_told() -> None:
    with pytest.raises(MisconfiguredError, match="LANDFALL_CORE is native"):
        choose_core([PLAIN], "native")


def test_a_contract_that_the_native_core_cannot_do_is_left_to_the_reference() -> None:
    pytest.importorskip("landfall_native", reason="the native core is not built here")

    core = choose_core([PLAIN, BACK_REFERENCE])

    assert core.name == "native"
    assert not isinstance(core.encoder_of(PLAIN), ReferenceEncoder)
    assert isinstance(core.encoder_of(BACK_REFERENCE), ReferenceEncoder)
    assert core_document(core)["fallbacks"] == {"twice/1": "pattern with groupref"}


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(?=a)", "pattern with assert"),
        ("(?<!a)", "pattern with assert_not"),
        ("a++", "pattern with possessive_repeat"),
        ("(?>a)", "pattern with atomic_group"),
        ("(a)?(?(1)b)", "pattern with groupref_exists"),
        ("(?i:a)", "pattern with flags"),
        ("(?m)^a", "pattern with flags"),
        (r"\Ba", "pattern with at_non_boundary"),
        ("a$b", "pattern with at_end"),
        ("(a$)*", "pattern with at_end"),
        ("[\ud800]", "pattern with a lone surrogate"),
        (r"\ud800", "pattern with a lone surrogate"),
        ("(?#\ud800)", "pattern with a lone surrogate"),
        ("(" * 260 + ")" * 260, "pattern with groups that nest too deep"),
        (
            "(a{1000}){1000}",
            "pattern (a{1000}){1000}: Compiled regex exceeds size limit of 10485760 bytes.",
        ),
    ],
)
def test_a_pattern_that_might_mean_something_else_is_left_to_the_reference(
    pattern: str, why: str
) -> None:
    pytest.importorskip("landfall_native", reason="the native core is not built here")
    contract = a_contract({"name": "x", "type": "string", "pattern": pattern})

    assert choose_core([contract]).fallbacks == {contract.id: why}


def test_types_that_are_too_many_when_written_out_are_left_to_the_reference() -> None:
    pytest.importorskip("landfall_native", reason="the native core is not built here")
    twice = [
        {
            "name": f"R{number}",
            "type": "record",
            "fields": [{"name": name, "type": f"R{number - 1}"} for name in "ab"],
        }
        for number in range(1, 40)
    ]
    first = {"name": "R0", "type": "fixed", "size": 1}
    few, many = (
        a_contract(*({"name": f"x{n}", "type": t} for n, t in enumerate([first, *twice[:count]])))
        for count in (10, 39)
    )

    assert choose_core([few]).fallbacks == {}
    assert choose_core([many]).fallbacks == {
        many.id: "its types, written out, are more than 10,000"
    }


@pytest.mark.parametrize("size", [2**63, 2**64 - 1, 2**64, 10**30])
@pytest.mark.parametrize(
    "a_field_of",
    [
        lambda size: {"type": "string", "minLength": size},
        lambda size: {"type": "string", "maxLength": size},
        lambda size: {"type": {"type": "fixed", "name": "F", "size": size}},
        lambda size: {"type": {"type": "fixed", "name": "F", "size": size} | DECIMAL},
    ],
)
def test_a_size_beyond_any_memory_is_left_to_the_reference(
    a_field_of: Callable[[int], dict[str, Any]], size: int
) -> None:
    pytest.importorskip("landfall_native", reason="the native core is not built here")
    contract = a_contract({"name": "x", **a_field_of(size)})

    assert choose_core([contract]).fallbacks == {contract.id: "a size or a length beyond 2^63 - 1"}


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("auto", ["simple/1: native", "twice/1: reference, pattern with groupref"]),
        ("reference", ["simple/1: reference", "twice/1: reference"]),
    ],
)
def test_the_operator_sees_which_core_each_contract_has(
    wanted: str,
    said: list[str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("landfall_native", reason="the native core is not built here")
    monkeypatch.setenv("LANDFALL_CORE", wanted)
    for contract in (PLAIN, BACK_REFERENCE):
        (folder := tmp_path / contract.id.name).mkdir()
        (folder / "1.avsc").write_text(json.dumps(dict(contract.schema)))

    main(["contracts", "--folder", str(tmp_path)])

    first, *rest = capsys.readouterr().out.splitlines()
    assert ("as LANDFALL_CORE says" in first) == (wanted == "reference")
    assert [line.strip() for line in rest] == [f"{line}; gold: none" for line in said]


def test_a_core_that_does_not_exist_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANDFALL_CORE", "fast")

    assert main(["contracts"]) == 1
    assert "LANDFALL_CORE is none of auto, native, reference" in capsys.readouterr().err

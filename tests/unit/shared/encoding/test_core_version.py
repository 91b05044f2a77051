import sys
import tomllib
from types import ModuleType

import pytest

from shared.encoding.encoder_choice import NATIVE_VERSION, choose_core
from shared.errors import MisconfiguredError
from tests.builders import a_contract
from tests.root import ROOT

CRATE = ROOT / "native"
PROBLEM = f"the native core is 0.0.9, this code needs {NATIVE_VERSION}"


@pytest.fixture
def older_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = ModuleType("landfall_native")
    wheel.__version__ = "0.0.9"
    monkeypatch.setitem(sys.modules, "landfall_native", wheel)


def test_the_code_needs_the_version_that_the_crate_has() -> None:
    crate = tomllib.loads((CRATE / "Cargo.toml").read_text())
    wheel = tomllib.loads((CRATE / "pyproject.toml").read_text())

    assert crate["package"]["version"] == NATIVE_VERSION
    assert wheel["project"]["version"] == NATIVE_VERSION


@pytest.mark.usefixtures("older_wheel")
def test_with_a_wheel_of_another_version_the_reference_works_and_says_why() -> None:
    core = choose_core([a_contract()])

    assert (core.name, core.version, core.problem) == ("reference", None, PROBLEM)


@pytest.mark.usefixtures("older_wheel")
def test_who_asks_for_the_native_core_where_it_is_of_another_version_is_told() -> None:
    with pytest.raises(MisconfiguredError, match=PROBLEM) as caught:
        choose_core([a_contract()], "native")

    assert caught.value.hint == "install the wheel beside the app, or set auto"
